"""Mounting the service in web frameworks: one short module each, without any rule of the protocol."""

from __future__ import annotations
