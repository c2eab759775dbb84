//! Bedrock Runtime: `Converse`, `ConverseStream`, and Anthropic's messages by `InvokeModel`.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use data_encoding::BASE64;
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
            ("POST", "invoke") => Some(Answer::json("InvokeModel", &message_of_anthropic())),
            ("POST", "invoke-with-response-stream") => {
                let content_type = "application/vnd.amazon.eventstream";
                let body = stream_of_anthropic();
                Some(Answer::of("InvokeModelWithResponseStream", content_type, body))
            }
            _ => None,
        }
    }
}

fn message_of_anthropic() -> Value {
    json!({
        "id": "msg_local",
        "type": "message",
        "role": "assistant",
        "model": "local.model",
        "content": [{ "type": "text", "text": REPLY }],
        "stop_reason": "end_turn",
        "stop_sequence": null,
        "usage": { "input_tokens": 1, "output_tokens": 1 },
    })
}

fn stream_of_anthropic() -> Vec<u8> {
    let mut begun = message_of_anthropic();
    begun["content"] = json!([]);
    begun["stop_reason"] = Value::Null;
    let events = [
        json!({ "type": "message_start", "message": begun }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": REPLY } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn", "stop_sequence": null }, "usage": { "output_tokens": 1 } }),
        json!({ "type": "message_stop" }),
    ];
    let mut body = Vec::new();
    for event in events {
        let bytes = BASE64.encode(event.to_string().as_bytes());
        write_message_to(&message("chunk", &json!({ "bytes": bytes })), &mut body).unwrap();
    }
    body
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
