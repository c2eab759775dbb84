//! Decides, enforces and explains how developers' tools may authenticate to Amazon Bedrock.

pub mod auth;
pub mod provenance;
pub mod signer;
pub mod words;

pub use auth::BedrockAuth;
