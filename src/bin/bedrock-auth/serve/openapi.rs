//! The description of the agent for programs that read such, made of the table of routes and of the types.

use bedrock_auth::prose::listed;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::route::{Content, Door, Reply, Route};

/// OpenAPI 3.1.
pub(super) fn description(routes: &[Route]) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| {
            settings.meta_schema = None;
            settings.definitions_path = "/components/schemas".into();
        })
        .into_generator();
    let mut paths = Map::new();
    for route in routes {
        let path = json!({
            "servers": [server(route.door)],
            route.method: operation(route, &mut generator),
        });
        paths.insert(route.path.to_owned(), path);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "bedrock-auth agent",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Any other path is answered with 404, any other method with 405; both with a `Problem`.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "What the file `token` in the runtime directory holds, as it is.",
                },
            },
        },
    })
}

fn server(door: Door) -> Value {
    match door {
        Door::Socket => json!({
            "url": "http://localhost",
            "description": "The Unix socket `agent.sock` in the runtime directory; only processes of the same person \
                are heard.",
        }),
        Door::Loopback => json!({
            "url": "http://127.0.0.1:{port}",
            "description": "The port that the file `container.env` in the runtime directory names.",
            "variables": { "port": { "default": "0" } },
        }),
    }
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    for reply in route.replies {
        responses.insert(reply.status.to_string(), response(reply, generator));
    }
    let parameters: Vec<_> = route
        .headers
        .iter()
        .map(|(name, does)| {
            let schema = json!({ "type": "string" });
            json!({ "name": name, "in": "header", "description": does, "schema": schema })
        })
        .collect();
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.does,
        "parameters": parameters,
        "responses": responses,
    });
    if route.door == Door::Loopback {
        operation["security"] = json!([{ "token": [] }]);
    }
    operation
}

fn response(reply: &Reply, generator: &mut SchemaGenerator) -> Value {
    let description =
        if reply.codes.is_empty() { reply.when.to_owned() } else { with_codes(reply) };
    match reply.content {
        Content::Nothing => json!({ "description": description }),
        Content::Json(schema) => json!({
            "description": description,
            "content": { "application/json": { "schema": schema(generator) } },
        }),
        Content::Text(media_type) => json!({
            "description": description,
            "content": { media_type: { "schema": { "type": "string" } } },
        }),
    }
}

fn with_codes(reply: &Reply) -> String {
    let codes: Vec<_> = reply.codes.iter().map(|code| code.as_str()).collect();
    format!("{}: {}", reply.when, listed(&codes))
}
