/**
 * Messages as miniupnpd 2.3.1 (Debian 12, nftables) sent them, recorded on 2026-11-24 between two network namespaces.
 * The router was 192.168.1.1 and 45.67.89.2, the asker 192.168.1.10. Of the SERVER fields the kernel's name is cut.
 */
const bytes = (text: string) => new TextEncoder().encode(text)

/** To an M-SEARCH for InternetGatewayDevice:2, by unicast. */
export const MINIUPNPD_SSDP = bytes(
  'HTTP/1.1 200 OK\r\n' +
    'CACHE-CONTROL: max-age=120\r\n' +
    'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\n' +
    'USN: uuid:8d94fefb-5d4e-4c93-8685-d84772602c82::urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\n' +
    'EXT:\r\n' +
    'SERVER: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1\r\n' +
    'LOCATION: http://192.168.1.1:38035/rootDesc.xml\r\n' +
    'OPT: "http://schemas.upnp.org/upnp/1/0/"; ns=01\r\n' +
    '01-NLS: 1795527474\r\n' +
    'BOOTID.UPNP.ORG: 1795527474\r\n' +
    'CONFIGID.UPNP.ORG: 1337\r\n' +
    '\r\n',
)

/** To GET /rootDesc.xml. */
export const MINIUPNPD_DESCRIPTION = bytes(
  'HTTP/1.1 200 OK\r\n' +
    'Content-Type: text/xml; charset="utf-8"\r\n' +
    'Connection: close\r\n' +
    'Content-Length: 3092\r\n' +
    'Server: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1\r\n' +
    'Ext:\r\n' +
    '\r\n' +
    '<?xml version="1.0"?>\r\n' +
    '<root xmlns="urn:schemas-upnp-org:device-1-0" configId="1337"><specVersion><major>1</major><minor>1</minor></specVersion><device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:2</deviceType><friendlyName>Debian router</friendlyName><manufacturer>Debian</manufacturer><manufacturerURL>http://www.debian.org/</manufacturerURL><modelDescription>Debian router</modelDescription><modelName>Debian router</modelName><modelNumber>1</modelNumber><modelURL>http://www.debian.org/</modelURL><serialNumber>00000000</serialNumber><UDN>uuid:8d94fefb-5d4e-4c93-8685-d84772602c82</UDN><serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><serviceId>urn:upnp-org:serviceId:L3Forwarding1</serviceId><SCPDURL>/L3F.xml</SCPDURL><controlURL>/ctl/L3F</controlURL><eventSubURL>/evt/L3F</eventSubURL></service><service><serviceType>urn:schemas-upnp-org:service:DeviceProtection:1</serviceType><serviceId>urn:upnp-org:serviceId:DeviceProtection1</serviceId><SCPDURL>/DP.xml</SCPDURL><controlURL>/ctl/DP</controlURL><eventSubURL>/evt/DP</eventSubURL></service></serviceList><deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:2</deviceType><friendlyName>WANDevice</friendlyName><manufacturer>MiniUPnP</manufacturer><manufacturerURL>http://miniupnp.free.fr/</manufacturerURL><modelDescription>WAN Device</modelDescription><modelName>WAN Device</modelName><modelNumber>20221221</modelNumber><modelURL>http://miniupnp.free.fr/</modelURL><serialNumber>00000000</serialNumber><UDN>uuid:8d94fefb-5d4e-4c93-8685-d84772602c83</UDN><UPC>000000000000</UPC><serviceList><service><serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType><serviceId>urn:upnp-org:serviceId:WANCommonIFC1</serviceId><SCPDURL>/WANCfg.xml</SCPDURL><controlURL>/ctl/CmnIfCfg</controlURL><eventSubURL>/evt/CmnIfCfg</eventSubURL></service></serviceList><deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:2</deviceType><friendlyName>WANConnectionDevice</friendlyName><manufacturer>MiniUPnP</manufacturer><manufacturerURL>http://miniupnp.free.fr/</manufacturerURL><modelDescription>MiniUPnP daemon</modelDescription><modelName>MiniUPnPd</modelName><modelNumber>20221221</modelNumber><modelURL>http://miniupnp.free.fr/</modelURL><serialNumber>00000000</serialNumber><UDN>uuid:8d94fefb-5d4e-4c93-8685-d84772602c84</UDN><UPC>000000000000</UPC><serviceList><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:2</serviceType><serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId><SCPDURL>/WANIPCn.xml</SCPDURL><controlURL>/ctl/IPConn</controlURL><eventSubURL>/evt/IPConn</eventSubURL></service><service><serviceType>urn:schemas-upnp-org:service:WANIPv6FirewallControl:1</serviceType><serviceId>urn:upnp-org:serviceId:WANIPv6Firewall1</serviceId><SCPDURL>/WANIP6FC.xml</SCPDURL><controlURL>/ctl/IP6FCtl</controlURL><eventSubURL>/evt/IP6FCtl</eventSubURL></service></serviceList></device></deviceList></device></deviceList><presentationURL>http://192.168.1.1/</presentationURL></device></root>',
)

/** To AddAnyPortMapping of UDP 4001 for an hour. */
export const MINIUPNPD_ADD_ANY = bytes(
  'HTTP/1.1 200 OK\r\n' +
    'Content-Type: text/xml; charset="utf-8"\r\n' +
    'Connection: close\r\n' +
    'Content-Length: 334\r\n' +
    'Server: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1\r\n' +
    'Ext:\r\n' +
    '\r\n' +
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:AddAnyPortMappingResponse xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:2"><NewReservedPort>4001</NewReservedPort></u:AddAnyPortMappingResponse></s:Body></s:Envelope>\r\n',
)

/** To GetSpecificPortMappingEntry of UDP 4001. */
export const MINIUPNPD_ENTRY = bytes(
  'HTTP/1.1 200 OK\r\n' +
    'Content-Type: text/xml; charset="utf-8"\r\n' +
    'Connection: close\r\n' +
    'Content-Length: 543\r\n' +
    'Server: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1\r\n' +
    'Ext:\r\n' +
    '\r\n' +
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:GetSpecificPortMappingEntryResponse xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:2"><NewInternalPort>4001</NewInternalPort><NewInternalClient>192.168.1.10</NewInternalClient><NewEnabled>1</NewEnabled><NewPortMappingDescription>peerway:k3j9x0ab</NewPortMappingDescription><NewLeaseDuration>3600</NewLeaseDuration></u:GetSpecificPortMappingEntryResponse></s:Body></s:Envelope>\r\n',
)

/** To GetGenericPortMappingEntry of index 0. */
export const MINIUPNPD_LISTED = bytes(
  'HTTP/1.1 200 OK\r\n' +
    'Content-Type: text/xml; charset="utf-8"\r\n' +
    'Connection: close\r\n' +
    'Content-Length: 641\r\n' +
    'Server: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1\r\n' +
    'Ext:\r\n' +
    '\r\n' +
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:GetGenericPortMappingEntryResponse xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:2"><NewRemoteHost></NewRemoteHost><NewExternalPort>4001</NewExternalPort><NewProtocol>UDP</NewProtocol><NewInternalPort>4001</NewInternalPort><NewInternalClient>192.168.1.10</NewInternalClient><NewEnabled>1</NewEnabled><NewPortMappingDescription>peerway:k3j9x0ab</NewPortMappingDescription><NewLeaseDuration>3600</NewLeaseDuration></u:GetGenericPortMappingEntryResponse></s:Body></s:Envelope>\r\n',
)

/** To GetExternalIPAddress. */
export const MINIUPNPD_EXTERNAL = bytes(
  'HTTP/1.1 200 OK\r\n' +
    'Content-Type: text/xml; charset="utf-8"\r\n' +
    'Connection: close\r\n' +
    'Content-Length: 356\r\n' +
    'Server: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1\r\n' +
    'Ext:\r\n' +
    '\r\n' +
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:GetExternalIPAddressResponse xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:2"><NewExternalIPAddress>45.67.89.2</NewExternalIPAddress></u:GetExternalIPAddressResponse></s:Body></s:Envelope>\r\n',
)

/** To GetStatusInfo. */
export const MINIUPNPD_STATUS = bytes(
  'HTTP/1.1 200 OK\r\n' +
    'Content-Type: text/xml; charset="utf-8"\r\n' +
    'Connection: close\r\n' +
    'Content-Length: 422\r\n' +
    'Server: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1\r\n' +
    'Ext:\r\n' +
    '\r\n' +
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:GetStatusInfoResponse xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:2"><NewConnectionStatus>Connected</NewConnectionStatus><NewLastConnectionError>ERROR_NONE</NewLastConnectionError><NewUptime>1</NewUptime></u:GetStatusInfoResponse></s:Body></s:Envelope>\r\n',
)

/** To GetSpecificPortMappingEntry of a port that nobody has. */
export const MINIUPNPD_FAULT = bytes(
  'HTTP/1.1 500 Internal Server Error\r\n' +
    'Content-Type: text/xml; charset="utf-8"\r\n' +
    'Connection: close\r\n' +
    'Content-Length: 402\r\n' +
    'Server: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1\r\n' +
    'Ext:\r\n' +
    '\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>714</errorCode><errorDescription>NoSuchEntryInArray</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>',
)
