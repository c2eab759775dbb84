//! The AWS SDK's client, made of an allowed answer.

#[allow(dead_code, reason = "what hands out clients builds on it")]
mod transport;
