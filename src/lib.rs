//! Decides, enforces and explains how developers' tools may authenticate to Amazon Bedrock.
//!
//! The way of an answer, from what a machine holds to what signs a request:
//!
//! 1. [`load`] reads a [`Machine`](load::Machine): managed policy files, the person's [`settings`], the environment, the
//!    keychain, AWS's profile files, and what of the [`network`] variables name. Everything that is read becomes a
//!    value: the [`facts`].
//! 2. [`aws`] says for a profile, or for the SDK's default chain, what would really sign: the [`signer`], with every
//!    service that is asked on the way. What a plain SDK would heed besides is a [`lure`].
//! 3. [`policy`] holds what IT allows: the meet of all files, and its verdict on a candidate, on an [`endpoint`], and on
//!    credentials as they are delivered.
//! 4. [`resolve`] hears the candidates in order and gives the one answer, a [`Resolution`](resolve::Resolution), with
//!    the fate of each. It is pure: the same facts give the same answer.
//! 5. [`client`](client/index.html) makes the SDK's client of an allowed answer. It goes the steps that were judged and
//!    no others, and asks the policies anew at each request.
//!
//! What leaves and what is refused goes on record: [`audit`] is the record as plain data, and the
//! [`journal`](journal/index.html) keeps it, chained and signed, for many processes at once.
//!
//! A program that runs on follows the answer: [`watch`](watch/index.html) gives the current one and those that come after
//! it, and a [`client::Follower`](client/struct.Follower.html) makes each call as the answer is then.
//!
//! [`auth`] is the ground floor: [`BedrockAuth`], and what a credential's own text says about it. On top stand
//! [`scenario`], which takes a machine and the answer that is expected of it from a file, and [`doctor`], which says of an
//! installation what to mend.
//!
//! ```
//! use bedrock_auth::load::{Environment, Machine};
//! use bedrock_auth::policy::DenialCode;
//! use bedrock_auth::scenario::Scenario;
//!
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("scenario.json");
//! std::fs::write(&path, r#"{
//!     "managed": [{ "schema_version": 1, "id": "corp", "methods": { "sso": {} } }],
//!     "settings": { "authentication_method": "default" },
//!     "expect": { "outcome": "denied" }
//! }"#)?;
//! let (resolution, mismatches) = Scenario::read(&path).unwrap().run();
//! assert!(mismatches.is_empty());
//! assert_eq!(resolution.denial_codes(), [DenialCode::MethodNotAllowed]);
//! let denial = &resolution.denials[0];
//! assert_eq!(denial.message, "the policy does not allow the method `automatic`");
//! assert_eq!(denial.remedy, "use `sso` instead");
//!
//! // This machine, with the real policy, settings and keychain, but without any variable:
//! let resolution = Machine::this().with_environment(Environment::default()).resolve();
//! println!("{}", resolution.display);
//! # Ok::<(), std::io::Error>(())
//! ```

#![cfg_attr(not(test), warn(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used))]

pub mod audit;
pub mod auth;
pub mod aws;
#[cfg(feature = "check")]
pub mod check;
#[cfg(feature = "client")]
pub mod client;
pub mod credentials;
pub mod doctor;
pub mod endpoint;
pub mod facts;
pub mod family;
#[cfg(feature = "journal")]
pub mod journal;
pub mod jsonc;
pub mod load;
pub mod lure;
pub mod network;
pub mod policy;
pub mod prose;
pub mod provenance;
pub mod regions;
pub mod resolve;
pub mod scenario;
pub mod settings;
pub mod signer;
pub mod targets;
#[cfg(feature = "watch")]
pub mod watch;
pub mod words;

pub use auth::BedrockAuth;
