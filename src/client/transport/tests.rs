//! A real SDK client over the transport, against a server and a proxy on loopback.

mod servers;

use std::error::Error;

use aws_credential_types::Credentials;
use aws_sdk_sts::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use data_encoding::BASE64;

use self::servers::{Authority, Proxy, Server};
use super::{EgressRefused, Origins, transport};
use crate::network::{Certificates, NetworkFacts, NetworkPart};

/// A name that leads nowhere: whoever reaches a server by it went through the proxy.
const ELSEWHERE: &str = "https://sts.test";

type Outcome = Result<String, Box<SdkError<GetCallerIdentityError>>>;

/// What these variables say, where every bundle holds this text.
fn network(variables: &[(&str, &str)], bundle: &str) -> NetworkFacts {
    let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| *v);
    NetworkFacts::of(value, |_, _| Certificates::parse([bundle.as_bytes()]))
}

/// Asks STS at this endpoint who the caller is, and gives the account.
async fn ask(network: &NetworkFacts, endpoint: &str) -> Outcome {
    ask_where_allowed(network, endpoint, Origins::new([endpoint])).await
}

async fn ask_where_allowed(network: &NetworkFacts, endpoint: &str, allowed: Origins) -> Outcome {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "t"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint)
        .http_client(transport(network, allowed).expect("the network has no faults"))
        .build();
    let asked = aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await;
    asked.map(|identity| identity.account.unwrap()).map_err(Box::new)
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|e| e.downcast_ref())
}

fn told(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |&error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[tokio::test]
async fn a_ca_bundle_is_trusted() {
    let corp = Authority::new();
    let server = Server::with_tls(&corp).await;
    let with_bundle = network(&[("AWS_CA_BUNDLE", "corp.pem")], &corp.pem());
    assert_eq!(ask(&with_bundle, &server.url()).await.unwrap(), "111122223333");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn without_its_bundle_an_authority_is_not_trusted() {
    let (corp, other) = (Authority::new(), Authority::new());
    let server = Server::with_tls(&corp).await;
    ask(&NetworkFacts::default(), &server.url()).await.unwrap_err();
    let error = ask(&network(&[("AWS_CA_BUNDLE", "other.pem")], &other.pem()), &server.url()).await;
    let error = told(&*error.unwrap_err());
    assert!(error.contains("invalid peer certificate"), "{error}");
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn a_bundle_may_hold_what_is_no_certificate() {
    let corp = Authority::new();
    let server = Server::with_tls(&corp).await;
    let broken =
        "-----BEGIN CERTIFICATE-----\nTm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    let bundle = format!("Corp Root\n{broken}{}{broken}", corp.pem());
    let network = network(&[("SSL_CERT_FILE", "corp.pem")], &bundle);
    ask(&network, &server.url()).await.unwrap();
}

#[tokio::test]
async fn requests_go_through_the_proxy_and_its_password_no_further() {
    let corp = Authority::new();
    let server = Server::with_tls(&corp).await;
    let proxy = Proxy::to(&server).await;
    let url = format!("http://ada:pass%20word@{}", proxy.address());
    let network = network(&[("AWS_CA_BUNDLE", "corp.pem"), ("HTTPS_PROXY", &url)], &corp.pem());
    ask(&network, ELSEWHERE).await.unwrap();
    let [seen] = &proxy.requests()[..] else { panic!("{:?}", proxy.requests()) };
    assert!(seen.starts_with("connect sts.test:443 http/1.1"), "{seen}");
    let authorization = format!("basic {}", BASE64.encode(b"ada:pass word")).to_lowercase();
    assert!(seen.contains(&format!("proxy-authorization: {authorization}")), "{seen}");
    assert!(!seen.contains("x-amz-date"), "what is in the tunnel stays in it: {seen}");
    let [arrived] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    assert!(arrived.contains("host: sts.test") && !arrived.contains("proxy-"), "{arrived}");
}

#[tokio::test]
async fn spared_hosts_are_called_without_the_proxy() {
    let corp = Authority::new();
    let server = Server::with_tls(&corp).await;
    let proxy = Proxy::to(&server).await;
    let url = format!("http://{}", proxy.address());
    for spared in [".test", "sts.test", "other.example, sts.test", "*"] {
        let variables = [("AWS_CA_BUNDLE", "corp.pem"), ("ALL_PROXY", &url), ("NO_PROXY", spared)];
        ask(&network(&variables, &corp.pem()), ELSEWHERE).await.unwrap_err();
    }
    assert_eq!(proxy.requests(), [""; 0]);
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn this_machine_is_never_called_through_a_proxy() {
    let server = Server::plain().await;
    let proxy = Proxy::to(&server).await;
    let url = format!("http://{}", proxy.address());
    let network = network(&[("ALL_PROXY", &url)], "");
    for host in ["127.0.0.1", "localhost"] {
        ask(&network, &format!("http://{host}:{}", server.port())).await.unwrap();
    }
    assert_eq!(proxy.requests(), [""; 0]);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn each_scheme_has_its_own_proxy() {
    let server = Server::plain().await;
    let (plain, secure) = (Proxy::to(&server).await, Proxy::to(&server).await);
    let urls = [&plain, &secure].map(|proxy| format!("http://ada:word@{}", proxy.address()));
    let corp = Authority::new().pem();
    let bundle = ("AWS_CA_BUNDLE", "corp.pem");
    let network = network(&[bundle, ("HTTP_PROXY", &urls[0]), ("HTTPS_PROXY", &urls[1])], &corp);
    ask(&network, "http://sts.test").await.unwrap();
    // There is no TLS behind this proxy.
    ask(&network, ELSEWHERE).await.unwrap_err();
    let seen = [&plain, &secure].map(Proxy::requests);
    assert!(seen[0][0].starts_with("post http://sts.test/ http/1.1"), "{seen:?}");
    assert!(seen[1][0].starts_with("connect sts.test:443"), "{seen:?}");
    assert_eq!(seen.map(|requests| requests.len()), [1, 1]);
}

#[tokio::test]
async fn no_request_goes_to_an_origin_that_is_not_allowed() {
    let server = Server::plain().await;
    let (url, port) = (server.url(), server.port());
    let others = [
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("http://localhost:{port}"),
        "http://127.0.0.1".to_owned(),
        "not a url".to_owned(),
    ];
    let allowed = || Origins::new(others.iter().map(String::as_str));
    let error = ask_where_allowed(&NetworkFacts::default(), &url, allowed()).await.unwrap_err();
    let refusal = find::<EgressRefused>(&*error).expect("the refusal is in the chain");
    assert_eq!(refusal.origin, url);
    assert!(refusal.to_string().contains(&format!("`{url}`")), "{refusal}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_proxy_is_not_called_for_an_origin_that_is_not_allowed() {
    let server = Server::plain().await;
    let proxy = Proxy::to(&server).await;
    let url = format!("http://{}", proxy.address());
    let network = network(&[("ALL_PROXY", &url)], "");
    let allowed = Origins::new(["https://other.test", url.as_str()]);
    let error = ask_where_allowed(&network, ELSEWHERE, allowed).await.unwrap_err();
    assert!(find::<EgressRefused>(&*error).is_some(), "{}", told(&*error));
    assert_eq!(proxy.requests(), [""; 0]);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let goal = Server::plain().await;
    let server = Server::that_redirects_to(&goal).await;
    let allowed = Origins::new([server.url().as_str(), goal.url().as_str()]);
    let error = ask_where_allowed(&NetworkFacts::default(), &server.url(), allowed).await;
    let status = error.unwrap_err().raw_response().map(|response| response.status().as_u16());
    assert_eq!(status, Some(307));
    assert_eq!((server.connections(), goal.connections()), (1, 0));
}

#[test]
fn origins_are_compared_as_connections_read_them() {
    let allowed = Origins::new(["https://Sts.eu-west-1.amazonaws.com/path", "http://[::1]:8080"]);
    for (url, is_allowed) in [
        ("https://sts.eu-west-1.amazonaws.com:443/?x", true),
        ("https://STS.eu-west-1.amazonaws.com", true),
        ("http://[::1]:8080/", true),
        ("http://sts.eu-west-1.amazonaws.com", false),
        ("https://sts.eu-west-1.amazonaws.com.", false),
        ("https://sts.eu-west-1.amazonaws.com:8443", false),
        ("https://sts.eu-west-1.amazonaws.com@evil.example", false),
        ("https://sts.eu-west-1.amazonaws.com.evil.example", false),
        ("http://[::1]", false),
        ("/", false),
        ("", false),
    ] {
        assert_eq!(allowed.hold(url), is_allowed, "{url}");
    }
}

#[test]
fn what_cannot_be_used_builds_no_client() {
    for (variable, value, part) in [
        ("AWS_CA_BUNDLE", "empty.pem", NetworkPart::CaBundle),
        ("SSL_CERT_DIR", "empty", NetworkPart::CaBundle),
        ("HTTPS_PROXY", "socks5://proxy.test", NetworkPart::Proxy),
        ("http_proxy", "http://", NetworkPart::Proxy),
        ("HTTPS_PROXY", "\"proxy.test\"", NetworkPart::Proxy),
        ("ALL_PROXY", "http://pro`xy.test:3128", NetworkPart::Proxy),
    ] {
        let faulty = network(&[(variable, value)], "no certificate");
        let fault = transport(&faulty, Origins::default()).unwrap_err();
        assert_eq!((fault.variable, fault.part), (variable, part));
    }
}
