<?php
// A Web Connector's session with PHP's SoapClient: php session.php WSDL USER PASSWORD ANSWERS
// ANSWERS is a folder: the n-th document of the service is written to rq-N.xml, its answer read from rs-N.xml.
[$_, $wsdl, $user, $password, $folder] = $argv;
$client = new SoapClient($wsdl, ['cache_wsdl' => WSDL_CACHE_NONE, 'features' => SOAP_SINGLE_ELEMENT_ARRAYS]);
$say = function ($name, $value) { echo json_encode([$name, $value]), "\n"; };

$say('serverVersion', $client->serverVersion()->serverVersionResult);
$say('clientVersion', $client->clientVersion(['strVersion' => '2.3.0.215'])->clientVersionResult);
$login = ['strUserName' => $user, 'strPassword' => $password . '?'];
$say('wrong', $client->authenticate($login)->authenticateResult->string[1]);
$login['strPassword'] = $password;
[$ticket, $answer] = $client->authenticate($login)->authenticateResult->string;
$say('authenticate', $answer);
for ($round = 1, $progress = 0; $progress >= 0 && $progress < 100; $round++) {
    $document = $client->sendRequestXML([
        'ticket' => $ticket, 'strHCPResponse' => '', 'strCompanyFileName' => 'C:\\Shop.QBW',
        'qbXMLCountry' => 'US', 'qbXMLMajorVers' => 13, 'qbXMLMinorVers' => 0,
    ])->sendRequestXMLResult;
    file_put_contents("$folder/rq-$round.xml.part", $document);
    rename("$folder/rq-$round.xml.part", "$folder/rq-$round.xml");
    while (!file_exists("$folder/rs-$round.xml")) {
        usleep(5000);
    }
    $progress = $client->receiveResponseXML([
        'ticket' => $ticket, 'response' => file_get_contents("$folder/rs-$round.xml"),
        'hresult' => '', 'message' => '',
    ])->receiveResponseXMLResult;
    $say('receiveResponseXML', $progress);
}
$say('getLastError', $client->getLastError(['ticket' => $ticket])->getLastErrorResult);
$say('closeConnection', $client->closeConnection(['ticket' => $ticket])->closeConnectionResult);
