//! A server that speaks enough of STS, and a proxy, both on loopback and for one test.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
    <GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult>\
    </GetCallerIdentityResponse>";

/// A certificate authority.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    pub(super) fn pem(&self) -> String {
        self.pem.clone()
    }

    fn acceptor(&self) -> TlsAcceptor {
        let names = ["localhost", "127.0.0.1", "sts.test"].map(str::to_owned);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What arrived, in lower case: request lines and headers.
type Seen = Arc<Mutex<Vec<String>>>;

/// Answers every request with an identity, or with a redirect.
pub(super) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    requests: Seen,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    pub(super) async fn plain() -> Self {
        Server::start(None, None).await
    }

    pub(super) async fn with_tls(authority: &Authority) -> Self {
        Server::start(Some(authority.acceptor()), None).await
    }

    pub(super) async fn that_redirects_to(goal: &Server) -> Self {
        Server::start(None, Some(goal.url())).await
    }

    async fn start(tls: Option<TlsAcceptor>, redirect: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, connections) = (Seen::default(), Arc::new(Mutex::new(0)));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let server = Server {
            address,
            scheme,
            requests: requests.clone(),
            connections: connections.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                let (tls, requests, redirect) = (tls.clone(), requests.clone(), redirect.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, requests, redirect).await,
                        // A client that does not trust us goes away.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, requests, redirect).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    pub(super) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    requests: Seen,
    redirect: Option<String>,
) {
    let answer = |request: Request<Incoming>| {
        let headers = request.headers().iter();
        let headers = headers.map(|(name, v)| format!("{name}: {}", v.to_str().unwrap()));
        let head = format!("{} {}\n", request.method(), request.uri());
        let head = head + &headers.collect::<Vec<_>>().join("\n");
        requests.lock().unwrap().push(head.to_lowercase());
        let response = match &redirect {
            Some(goal) => Response::builder()
                .status(StatusCode::TEMPORARY_REDIRECT)
                .header("location", goal)
                .body(Full::new(Bytes::new())),
            None => Response::builder().body(Full::new(Bytes::from_static(IDENTITY.as_bytes()))),
        };
        std::future::ready(Ok::<_, Infallible>(response.unwrap()))
    };
    // A connection that the client drops is no fault of the test's.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
}

/// Leads every request and every tunnel to one server, whatever name it is for.
pub(super) struct Proxy {
    address: SocketAddr,
    requests: Seen,
}

impl Proxy {
    pub(super) async fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, requests) = (listener.local_addr().unwrap(), Seen::default());
        let (seen, goal) = (requests.clone(), server.address);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(lead(client, goal, seen.clone()));
            }
        });
        Proxy { address, requests }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn lead(mut client: TcpStream, goal: SocketAddr, seen: Seen) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match client.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8(head.clone()).unwrap().to_lowercase();
    let is_tunnel = text.starts_with("connect ");
    seen.lock().unwrap().push(text);
    let mut server = TcpStream::connect(goal).await.unwrap();
    match is_tunnel {
        true => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap(),
        false => server.write_all(&head).await.unwrap(),
    }
    // Ends with whichever side goes first.
    let _ = copy_bidirectional(&mut client, &mut server).await;
}
