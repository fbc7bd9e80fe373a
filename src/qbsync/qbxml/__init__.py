"""The language: values, builder, parser, rules, versions, statuses, and the catalogue of facts."""
