//! Bedrock Runtime: `Converse` and `ConverseStream`.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use serde_json::{Value, json};

use super::request::Request;
use super::server::{Answer, Protocol};

/// What the model says.
pub(crate) const REPLY: &str = "pong";

/// A model that says one word to whoever asks, whatever it was signed with.
pub(crate) struct Bedrock;

impl Protocol for Bedrock {
    fn answer(&self, request: &Request) -> Option<Answer> {
        let call = request.path().strip_prefix("/model/")?;
        match (request.method.as_str(), call.split_once('/')?.1) {
            ("POST", "converse") => Some(Answer::json("Converse", &converse())),
            ("POST", "converse-stream") => {
                let content_type = "application/vnd.amazon.eventstream";
                Some(Answer::of("ConverseStream", content_type, converse_stream()))
            }
            _ => None,
        }
    }
}

fn usage() -> Value {
    json!({ "inputTokens": 1, "outputTokens": 1, "totalTokens": 2 })
}

fn converse() -> Value {
    json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": REPLY }] } },
        "stopReason": "end_turn",
        "usage": usage(),
        "metrics": { "latencyMs": 1 },
    })
}

fn converse_stream() -> Vec<u8> {
    let (first, rest) = REPLY.split_at(1);
    let delta = |text: &str| json!({ "contentBlockIndex": 0, "delta": { "text": text } });
    let events = [
        ("messageStart", json!({ "role": "assistant" })),
        ("contentBlockDelta", delta(first)),
        ("contentBlockDelta", delta(rest)),
        ("contentBlockStop", json!({ "contentBlockIndex": 0 })),
        ("messageStop", json!({ "stopReason": "end_turn" })),
        ("metadata", json!({ "usage": usage(), "metrics": { "latencyMs": 1 } })),
    ];
    let mut body = Vec::new();
    for (event, payload) in events {
        write_message_to(&message(event, &payload), &mut body).unwrap();
    }
    body
}

fn message(event: &'static str, payload: &Value) -> Message {
    let header = |name, value: &'static str| Header::new(name, HeaderValue::String(value.into()));
    Message::new(payload.to_string())
        .add_header(header(":message-type", "event"))
        .add_header(header(":event-type", event))
        .add_header(header(":content-type", "application/json"))
}
