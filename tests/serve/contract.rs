//! The description of the agent, held against the agent that runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::agent::{Agent, Home, KEY, LONG_LIVED_KEY, policy};
use crate::audit;
use crate::http::{Response, ask, to_port, to_socket};
use crate::support::program::{PROGRAM, bare};

/// What was asked for, and what came back.
struct Exchange {
    method: &'static str,
    path: &'static str,
    response: Response,
}

fn committed() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/service.openapi.json")
}

fn described(agent: &Agent<'_>) -> Value {
    agent.get("/v1/openapi.json").json()
}

#[test]
fn the_committed_description_is_that_of_the_agent() {
    let home = Home::new();
    let agent = home.serve();
    let text = format!("{}\n", serde_json::to_string_pretty(&described(&agent)).unwrap());
    if std::env::var_os("UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
        fs::write(committed(), &text).unwrap();
    }
    let is_current = fs::read_to_string(committed()).ok().as_ref() == Some(&text);
    assert!(is_current, "run this test with UPDATE_SCHEMAS=1, which writes {:?}", committed());
}

/// Everything that the description promises happens, and looks as it says.
#[test]
fn each_route_answers_as_described() {
    let exchanges = exchanges();
    let home = Home::new();
    let description = described(&home.serve());
    let mut seen = BTreeSet::new();
    for Exchange { method, path, response } in &exchanges {
        let status = response.status.to_string();
        let reply = &description["paths"][path][method]["responses"][&status];
        assert!(reply.is_object(), "{method} {path} {status} is not described");
        validate(&description, reply, response, &format!("{method} {path} {status}"));
        seen.insert((*path, *method, status));
    }
    let mut promised = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "delete", "patch", "head", "options", "trace"] {
            let responses = item[method]["responses"].as_object();
            let statuses = responses.into_iter().flat_map(|responses| responses.keys());
            promised.extend(statuses.map(|status| (path.as_str(), method, status.clone())));
        }
    }
    // Only faults of the program's end the watch or spoil the metrics, and none is known.
    promised.remove(&("/v1/health", "get", "503".to_owned()));
    promised.remove(&("/metrics", "get", "500".to_owned()));
    assert_eq!(seen, promised);
}

fn validate(description: &Value, reply: &Value, response: &Response, at: &str) {
    let Some(content) = reply["content"].as_object() else {
        assert_eq!(response.body, "", "{at}");
        return;
    };
    let media_type = response.header("content-type").unwrap();
    let schema = &content.get(media_type).unwrap_or_else(|| panic!("{at}: {media_type}"))["schema"];
    let instance = match media_type {
        "application/json" => response.json(),
        _ => json!(response.body),
    };
    // References lead into the description.
    let root = json!({ "allOf": [schema], "components": description["components"] });
    let options = jsonschema::draft202012::options();
    let validator = options.should_validate_formats(true).build(&root).unwrap();
    let faults: Vec<_> = validator.iter_errors(&instance).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{at}: {faults:#?}");
}

/// One request for each promise.
fn exchanges() -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    of_the_socket(&mut exchanges);
    of_the_port(&mut exchanges);
    exchanges
}

fn of_the_socket(exchanges: &mut Vec<Exchange>) {
    let home = Home::new();
    let agent = home.serve();
    let mut add = |method, path, response| exchanges.push(Exchange { method, path, response });
    let answer = agent.get("/v1/answer");
    let tag = answer.header("etag").unwrap().to_owned();
    add("get", "/v1/answer", answer);
    add("get", "/v1/answer", agent.ask("GET", "/v1/answer", &[("If-None-Match", &tag)]));
    add("get", "/v1/changes", agent.events().response);
    let followers: Vec<_> = (0..128).map(|_| agent.events()).collect();
    let full = loop {
        // The one before may not be gone yet, or not be noticed to be.
        let response = ask(to_socket(&agent.socket()), "HEAD", "/v1/changes", &[]);
        if response.status == 503 {
            break agent.get("/v1/changes");
        }
    };
    add("get", "/v1/changes", full);
    drop(followers);
    add("get", "/v1/health", agent.get("/v1/health"));
    add("post", "/v1/refresh", agent.ask("POST", "/v1/refresh", &[]));
    add("get", "/metrics", agent.get("/metrics"));
    add("get", "/v1/openapi.json", agent.get("/v1/openapi.json"));
}

fn of_the_port(exchanges: &mut Vec<Exchange>) {
    let mut add =
        |response| exchanges.push(Exchange { method: "get", path: "/v1/credentials", response });
    let home = Home::new();
    let agent = home.serve();
    add(agent.credentials());
    add(agent.ask_container(&[]));
    add(agent.ask_container(&[("Origin", "https://evil.example")]));
    home.allow(&["sso"]);
    add(agent.credentials());
    drop(agent);
    home.allow(&["api_key"]);
    add(home.serve_with(&[], &[("ZED_BEDROCK_BEARER_TOKEN", "a-token")]).credentials());
    add(home.serve_with(&[], &[]).credentials());
    home.allow(&["named_profile"]);
    home.write(
        "settings.json",
        r#"{ "authentication_method": "named_profile", "profile": "corp" }"#,
    );
    home.write(".aws/config", "[profile corp]\ncredential_process = false\n");
    add(home.serve_with(&["--user-settings", &home.text("settings.json")], &[]).credentials());
    let home = audit::without_a_place_for_records();
    add(home.serve().credentials());
}

/// What nobody can provoke from outside.
const UNPROVOKED: &[(&str, &str)] = &[
    ("what_if", "an agent refuses to start then: only a policy that comes later brings it about"),
    (
        "superseded",
        "the answer changes between the opening of a session and its use, in the same request",
    ),
    ("metrics_unwritable", "only a fault of the program's makes it so, and none is known"),
];

#[test]
fn each_code_of_the_agents_own_is_explained_and_provoked() {
    let home = Home::new();
    let agent = home.serve();
    let description = described(&agent);
    let words = description["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap();
    let all: BTreeSet<_> = words.iter().map(|word| word.as_str().unwrap().to_owned()).collect();

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes.md");
    let page = fs::read_to_string(page).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("Problems of the agent"));
    let rows = section.unwrap().lines().filter_map(|line| line.strip_prefix("| `"));
    let explained: Vec<_> = rows.map(|row| row.split_once('`').unwrap().0.to_owned()).collect();
    assert_eq!(explained.iter().cloned().collect::<BTreeSet<_>>(), all);
    assert_eq!(explained.len(), all.len(), "a code is explained twice: {explained:?}");

    let token = agent.token();
    let mut provoked: BTreeSet<_> = exchanges()
        .into_iter()
        .filter(|exchange| exchange.response.status >= 400)
        .map(|exchange| exchange.response.code())
        .collect();
    provoked.insert(agent.get("/nowhere").code());
    provoked.insert(agent.ask("DELETE", "/v1/answer", &[]).code());
    provoked.insert(agent.ask_container(&[("Authorization", &token), ("Host", "corp")]).code());
    drop(agent);
    provoked.insert(home.serve_with(&[], &LONG_LIVED_KEY).credentials().code());
    // A denial's, which stands with the others.
    assert!(provoked.remove("method_not_allowed"));
    provoked.extend(UNPROVOKED.iter().map(|(code, _)| (*code).to_owned()));
    assert_eq!(provoked, all);
}

/// Policies of a what-if question open no door where the machine has some of its own.
#[test]
fn it_does_not_start_with_another_policy_than_the_machines_own() {
    let home = Home::new();
    let mut command = bare("unshare");
    let script = "mount -t tmpfs -o mode=755 tmpfs /etc; mkdir /etc/bedrock-auth; \
                  echo \"$0\" > /etc/bedrock-auth/policy.json; exec \"$@\"";
    command.args(["--mount", "--", "sh", "-c", script, &policy(&["sso"])]);
    command.args([PROGRAM, "serve", "--managed"]).arg(home.path("managed")).envs(KEY);
    home.furnish(&mut command);
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("this machine has a managed policy of its own"), "{told}");
}

/// What is not described is not there.
#[test]
fn no_route_is_left_out() {
    let home = Home::new();
    let agent = home.serve();
    let description = described(&agent);
    for path in
        ["/", "/v1", "/v1/", "/v1/answers", "/v1/answer/", "/v2/answer", "/health", "/v1/metrics"]
    {
        assert_eq!((agent.get(path).status, agent.get(path).code().as_str()), (404, "not_found"));
    }
    let token = agent.token();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "delete", "patch", "options", "trace", "brew"] {
            let headers = [("Authorization", token.as_str())];
            let is_there = item.get(method).is_some();
            let asked = method.to_uppercase();
            let response = match path.as_str() {
                "/v1/credentials" => ask(to_port(agent.address()), &asked, path, &headers),
                // Streams have no end.
                "/v1/changes" if is_there => agent.events().response,
                _ => agent.ask(&asked, path, &headers),
            };
            assert_eq!(response.status != 405, is_there, "{method} {path}: {response:?}");
            if !is_there {
                assert_eq!(response.code(), "http_method_not_allowed", "{method} {path}");
            }
        }
    }
}

/// As monitoring reads it: each sample belongs to a metric that was declared.
#[test]
fn metrics_are_in_form() {
    let home = Home::new();
    let agent = home.serve();
    let begun = Timestamp::now() - SignedDuration::from_mins(1);
    assert_eq!(agent.credentials().status, 200);
    let metrics = agent.get("/metrics").body;
    let mut declared = BTreeSet::new();
    let mut lines = metrics.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(declared.insert(rest.split(' ').next().unwrap()), "twice: {line}");
        } else if line == "# EOF" {
            assert_eq!(lines.peek(), None);
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap();
            let base = ["_total", "_info"].iter().find_map(|end| name.strip_suffix(end));
            assert!(declared.contains(base.unwrap_or(name)), "{line}");
            let value: f64 = line.rsplit(' ').next().unwrap().parse().unwrap();
            assert!(value >= 0.0, "{line}");
        }
    }
    let since = agent.metric("bedrock_auth_answer_since_timestamp_seconds");
    assert!(since > begun.as_second() as f64, "{since}");
    let build = format!("bedrock_auth_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(agent.metric(&build), 1.0);
    assert_eq!(agent.answer()["access_key_id"], KEY[0].1);
}

/// The page for people says the same.
#[test]
fn the_page_names_every_route_and_every_metric() {
    let home = Home::new();
    let agent = home.serve();
    assert_eq!((agent.ask_container(&[]).status, agent.credentials().status), (401, 200));
    home.write("managed/policy.json", "{");
    agent.until(|answer| answer["warnings"][0]["code"] == "last_good_policy");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/agent.md");
    let page = fs::read_to_string(page).unwrap();
    for (path, item) in described(&agent)["paths"].as_object().unwrap() {
        let method = if item.get("post").is_some() { "POST" } else { "GET" };
        assert!(page.contains(&format!("| `{method} {path}` |")), "{method} {path}");
    }
    let metrics = agent.get("/metrics").body;
    let samples = metrics.lines().filter(|line| !line.starts_with('#'));
    let names: BTreeSet<_> = samples.map(|line| line.split(['{', ' ']).next().unwrap()).collect();
    assert!(names.len() > 12, "{names:?}");
    for name in names {
        let name = name.strip_prefix("bedrock_auth_").unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
