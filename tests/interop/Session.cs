// A Web Connector's session with the proxy that Mono's wsdl made: mono Session.exe URL USER PASSWORD ANSWERS
// ANSWERS is a folder: the n-th document of the service is written to rq-N.xml, its answer read from rs-N.xml.
using System;
using System.IO;
using System.Threading;

public static class Session
{
    static void Say(string name, string value)
    {
        Console.WriteLine("[\"{0}\", \"{1}\"]", name, value.Replace("\\", "\\\\").Replace("\"", "\\\""));
    }

    public static int Main(string[] arguments)
    {
        var service = new QBWebConnectorSvc { Url = arguments[0] };
        string user = arguments[1], password = arguments[2], folder = arguments[3];

        Say("serverVersion", service.serverVersion());
        Say("clientVersion", service.clientVersion("2.3.0.215"));
        Say("wrong", service.authenticate(user, password + "?")[1]);
        string[] login = service.authenticate(user, password);
        Say("authenticate", login[1]);
        int progress = 0;
        for (int round = 1; progress >= 0 && progress < 100; round++) {
            string document = service.sendRequestXML(login[0], "", "C:\\Shop.QBW", "US", 13, 0);
            File.WriteAllText(Path.Combine(folder, "rq-" + round + ".xml.part"), document);
            File.Move(Path.Combine(folder, "rq-" + round + ".xml.part"), Path.Combine(folder, "rq-" + round + ".xml"));
            string answer = Path.Combine(folder, "rs-" + round + ".xml");
            while (!File.Exists(answer)) {
                Thread.Sleep(5);
            }
            progress = service.receiveResponseXML(login[0], File.ReadAllText(answer), null, "");
            Say("receiveResponseXML", progress.ToString());
        }
        Say("getLastError", service.getLastError(login[0]));
        Say("closeConnection", service.closeConnection(login[0]));
        return 0;
    }
}
