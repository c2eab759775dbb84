//! The AWS SDK's configuration and client, made of an allowed answer, so that nothing else can sign.
//!
//! A [`Session`] goes exactly the steps that were judged, with the bytes that were inspected: the signer's chain is
//! a list of what to do, and no provider looks for anything by itself. Scheme, region and endpoints are set in code,
//! no request leaves for another origin, and every credential is judged when it comes and again at every request,
//! by the policies that are in force then. Each that leaves goes on record first ([`Recorder`](crate::journal::Recorder)), and so does each refusal. A [`Follower`] watches the machine and makes each call as the answer is then.
//!
//! ```no_run
//! use aws_sdk_bedrockruntime::config::BehaviorVersion;
//! use bedrock_auth::client::Session;
//! use bedrock_auth::load::Machine;
//!
//! # fn example() -> Result<(), bedrock_auth::client::OpenError> {
//! let session = Session::builder(Machine::this(), BehaviorVersion::latest()).open()?;
//! println!("{}", session.resolution().display);
//! let client: aws_sdk_bedrockruntime::Client = session.bedrock_runtime();
//! # Ok(())
//! # }
//! ```

mod caller;
mod chain;
mod child;
mod choices;
mod door;
mod endpoints;
mod failure;
mod follower;
mod ground;
mod guard;
mod hand_out;
mod identity;
mod not_carried;
mod open_error;
mod recorded;
mod session;
mod steps;
mod transport;

pub use crate::auth::CallerIdentity;
pub use caller::{CallerAnswer, CallerError};
pub use child::ChildEnvironment;
pub use failure::{StepFailed, step_failed};
pub use follower::{Follower, FollowerBuilder};
pub use guard::{Refused, refusal};
pub use hand_out::{Credential, Fetched, HandOutError, HandedOut};
pub use not_carried::NotCarried;
pub use open_error::OpenError;
pub use session::{Session, SessionBuilder};
pub use transport::EgressRefused;
