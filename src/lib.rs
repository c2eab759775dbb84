//! Decides, enforces and explains how developers' tools may authenticate to Amazon Bedrock.

pub mod auth;
pub mod aws;
pub mod provenance;
pub mod signer;

pub use auth::BedrockAuth;
