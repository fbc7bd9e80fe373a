// A Web Connector's session with Node's soap: node session.js WSDL USER PASSWORD ANSWERS
// ANSWERS is a folder: the n-th document of the service is written to rq-N.xml, its answer read from rs-N.xml.
const fs = require('fs');
const path = require('path');
const soap = require(path.join(process.env.QBSYNC_INTEROP, 'node_modules', 'soap'));

const say = (name, value) => console.log(JSON.stringify([name, value]));
const text = (value) => (typeof value === 'string' ? value : '');

async function main(wsdl, user, password, folder) {
  const client = await soap.createClientAsync(wsdl);
  const call = async (name, values) => (await client[`${name}Async`](values))[0][`${name}Result`];

  say('serverVersion', await call('serverVersion', {}));
  say('clientVersion', text(await call('clientVersion', { strVersion: '2.3.0.215' })));
  const wrong = await call('authenticate', { strUserName: user, strPassword: `${password}?` });
  say('wrong', text(wrong.string[1]));
  const login = await call('authenticate', { strUserName: user, strPassword: password });
  const ticket = login.string[0];
  say('authenticate', text(login.string[1]));
  let progress = 0;
  for (let round = 1; progress >= 0 && progress < 100; round += 1) {
    const document = await call('sendRequestXML', {
      ticket, strHCPResponse: '', strCompanyFileName: 'C:\\Shop.QBW',
      qbXMLCountry: 'US', qbXMLMajorVers: 13, qbXMLMinorVers: 0,
    });
    fs.writeFileSync(path.join(folder, `rq-${round}.xml.part`), document);
    fs.renameSync(path.join(folder, `rq-${round}.xml.part`), path.join(folder, `rq-${round}.xml`));
    const answer = path.join(folder, `rs-${round}.xml`);
    while (!fs.existsSync(answer)) await new Promise((done) => setTimeout(done, 5));
    progress = Number(await call('receiveResponseXML', {
      ticket, response: fs.readFileSync(answer, 'utf8'), hresult: '', message: '',
    }));
    say('receiveResponseXML', progress);
  }
  say('getLastError', text(await call('getLastError', { ticket })));
  say('closeConnection', text(await call('closeConnection', { ticket })));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
