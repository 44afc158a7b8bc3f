/**
 * The preset dictionary of codec 1 (RFC 1951 window; likely strings, the likeliest last). Frozen: both sides must hold the same bytes for ever,
 * so a better one becomes a new codec byte.
 */
const text = [
  '"refused":[{"path":"","reason":""}],"sealedSnmpCommunity":"","telemetrySeconds":30,"networks":["192.168.1.0/24"],"payPaths":[{"id":"","name":"","host":"","port":443,"deviceIds":[]}],"internetTargets":[""],"dnsNames":[""]',
  '"action":"probe","action":"ping","target":"","count":4,"budgetMs":2000,"auditId":"","request":{"commandId":"","isFinal":true,"outcome":{"status":"ok","rttsMs":[',
  '{"type":"verdict","cause":"router-down","fromMs":,"toMs":null,"type":"agent-started","previousEnd":"power-loss","downMs":,"type":"paypath-changed","targetId":"","stage":"tcp","type":"dns-changed","resolver":"","isAnswering":false,"otherResolverAnswers":true',
  '{"type":"wan-changed","uplinkId":"primary","state":"down","firstHop":false,"wanLink":null,"lossRatio":0.1,"type":"gateway-changed","isReachable":false,"type":"link-changed","interface":"eth0","hasCarrier":false,"type":"device-restarted","uptimeMs":',
  '"evidence":[{"probe":"icmp","target":"192.168.","answer":"timeout","detail":"","atMs":17},{"probe":"arp","target":"","answer":"reply","atMs":17},{"probe":"snmp","probe":"tcp","probe":"dns","probe":"carrier","answer":"down"}]',
  '"source":"dhcp","key":"hostname","value":"","source":"oui","key":"vendor","source":"mdns","source":"snmp","key":"sysDescr","serial":"","version":"","model":"","vendor":"Verifone","vendor":"PAX"',
  '{"alias":1,"id":"d","role":"unknown","role":"printer","role":"workstation","role":"switch","role":"router","role":"pos-terminal","name":"","confidence":0.9,"ips":["192.168."],"macs":[""],"isSleeper":false,"isGateway":false,"firstSeenMs":17,"evidence":[]}',
  '{"v":1,"bootEpoch":17,"atMs":17,"clock":"synced","agentVersion":"0.1.0","networks":[],"uplinks":[{"id":"primary","kind":"primary","interface":"eth0","hasCarrier":true,"gateway":"192.168."}],"desiredVersion":1,"devices":[],"targets":[',
  '{"v":1,"bootEpoch":17,"lane":"live","seq":1,"atMs":17,"clock":"synced","change":{"type":"device-silent","deviceId":"d","sinceMs":17,"type":"device-answered","silentMs":',
  ',[2,1,0,0,1,2,3,0,4,1,0,5,2],[3,0,1000,999,998,1000,995,990,0,5,10,25,50,100],0,[0,0,1,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50',
  '],1,null,[2,0,[2,1,[3,0,[1,0,[2,0,1],30000,[0,0,0,0,[1,null,1,0,0,0,],[1,1,0,,0,1,0,30000,[[4,[0,0,1,2,3,4],1,[2,0,[1,1700000000,0,',
].join('')

export const dictionary = new TextEncoder().encode(text)
