//! The server: answers by protocols, and a log of what arrived.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};

use super::listener::Listener;
use super::request::Request;
use super::tls::Authority;

/// One of AWS's protocols.
pub(crate) trait Protocol: Send + Sync + 'static {
    /// The answer, if the request is one of this protocol.
    fn answer(&self, request: &Request) -> Option<Answer>;
}

/// What a request was taken for, and what is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) operation: &'static str,
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// A header besides.
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(operation: &'static str, value: &Value) -> Self {
        Answer::of(operation, "application/json", value.to_string().into_bytes())
    }

    pub(crate) fn of(operation: &'static str, content_type: &'static str, body: Vec<u8>) -> Self {
        Answer { operation, status: 200, content_type, header: None, body }
    }

    /// An error as AWS's JSON protocols write it.
    pub(crate) fn error(operation: &'static str, status: u16, code: &str) -> Self {
        let value = json!({ "__type": code, "message": "the local server says so" });
        Answer { status, ..Answer::json(operation, &value) }
    }
}

/// The requests that arrived, in order. Servers that share one write into the same list.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Request>>>);

impl Log {
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.0.lock().unwrap().clone()
    }

    /// One line for each request.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().iter().map(ToString::to_string).collect()
    }

    fn add(&self, request: Request) {
        self.0.lock().unwrap().push(request);
    }
}

/// A server on loopback, which stops when it is dropped.
pub(crate) struct Server {
    listener: Listener,
    scheme: &'static str,
}

type Protocols = Vec<Box<dyn Protocol>>;

impl Server {
    /// Serves plain http.
    pub(crate) fn start(log: Log, protocols: Protocols) -> Self {
        let desk = Arc::new(Desk { log, protocols });
        let listener = Listener::start(move |stream| serve(stream, Arc::clone(&desk)));
        Server { listener, scheme: "http" }
    }

    /// Serves https, under any name that a client asks for.
    pub(crate) fn start_tls(authority: &Authority, log: Log, protocols: Protocols) -> Self {
        let desk = Arc::new(Desk { log, protocols });
        let acceptor = authority.acceptor();
        let listener = Listener::start(move |stream| {
            let (acceptor, desk) = (acceptor.clone(), Arc::clone(&desk));
            async move {
                // A client that does not trust the certificate hangs up, and sends no request.
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, desk).await;
                }
            }
        });
        Server { listener, scheme: "https" }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.listener.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.address.port()
    }
}

/// What the connections of a server share.
struct Desk {
    log: Log,
    protocols: Protocols,
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, desk: Arc<Desk>) {
    let service = service_fn(|request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.receive(request).await) }
    });
    // Clients close connections as they like.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Desk {
    async fn receive(&self, request: hyper::Request<Incoming>) -> hyper::Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let mut request = Request {
            method: head.method.to_string(),
            target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: head.headers,
            body,
            operation: None,
        };
        let answer = self.protocols.iter().find_map(|protocol| protocol.answer(&request));
        request.operation = answer.as_ref().map(|answer| answer.operation);
        self.log.add(request);
        let answer = answer.unwrap_or_else(|| Answer::error("unknown", 404, "UnknownOperation"));
        let response = hyper::Response::builder()
            .status(answer.status)
            .header("content-type", answer.content_type)
            .header("x-amzn-requestid", "00000000-0000-4000-8000-000000000000");
        let response =
            answer.header.into_iter().fold(response, |r, (name, value)| r.header(name, value));
        response.body(Full::from(answer.body)).unwrap()
    }
}
