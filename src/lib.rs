//! Decides, enforces and explains how developers' tools may authenticate to Amazon Bedrock.

pub mod auth;
pub mod aws;
pub mod credentials;
pub mod facts;
pub mod family;
pub mod jsonc;
pub mod load;
pub mod policy;
pub mod prose;
pub mod provenance;
pub mod resolve;
pub mod scenario;
pub mod settings;
pub mod signer;
pub mod words;

pub use auth::BedrockAuth;
