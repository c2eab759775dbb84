//! Everything that a resolution is made of, as values: nothing in the decision core looks further.

use std::sync::Arc;

use jiff::Timestamp;

use crate::credentials::StaticCredentials;
use crate::family::Family;
use crate::jsonc::Finding;
use crate::network::NetworkFacts;
use crate::policy::Policy;
use crate::provenance::{Place, Source};
use crate::settings::RequestedMethod;
use crate::signer::Signers;
use crate::words::words;

/// What a machine says at one moment.
#[derive(Clone)]
pub struct Facts {
    /// The managed policies that count here and now.
    pub policy: Policy,
    /// Whether the policies are those of a what-if question instead of the machine's own.
    pub what_if: bool,
    /// What the layers ask for.
    pub requests: Requests,
    /// The environment families that were asked for, in order of preference.
    pub families: Vec<FamilyFacts>,
    /// What the keychain said.
    pub keychain: KeychainFacts,
    /// What stands behind profiles and the default chain.
    pub signers: Arc<dyn Signers + Send + Sync>,
    /// Certificates and proxies that variables name.
    pub network: NetworkFacts,
    /// The moment.
    pub now: Timestamp,
    /// Faults of the person's settings file; while there are any, nothing in it counts.
    pub settings_faults: Vec<Finding>,
    /// Whether the person's settings ask for an audit journal.
    pub audit_asked: bool,
    /// Keys of the person's settings file that mean nothing, and the like.
    pub settings_remarks: Vec<Finding>,
}

/// What the layers ask for, each list in the order in which it is heard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requests {
    /// How to authenticate.
    pub method: Vec<Request<RequestedMethod>>,
    /// The AWS profile.
    pub profile: Vec<Request<String>>,
    /// The AWS region.
    pub region: Vec<Request<String>>,
    /// The Bedrock Runtime endpoint.
    pub endpoint_url: Vec<Request<String>>,
}

/// One layer asks for one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<T> {
    /// Who asks.
    pub asker: Asker,
    /// The value.
    pub value: T,
    /// Where it stands.
    pub source: Source,
}

/// Who asks for a value; declared in the order in which they are heard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asker {
    /// IT, and nobody overrides it.
    Locked,
    /// A variable of this family.
    Environment(Family),
    /// The person's settings.
    User,
    /// IT, as a default.
    Recommended,
}

/// What the variables of one family hold.
#[derive(Debug, Clone)]
pub struct FamilyFacts {
    /// The family.
    pub family: Family,
    /// The credentials in its variables.
    pub credentials: StaticCredentials,
}

/// What the keychain said.
#[derive(Debug, Clone)]
pub enum KeychainFacts {
    /// It was not asked, or it holds nothing.
    Nothing {
        /// Which of the two, in words.
        why: String,
    },
    /// It may hold something that nobody can get at now.
    Unavailable {
        /// What is in the way.
        obstacle: KeychainObstacle,
        /// The same in words.
        why: String,
        /// What to do about it.
        advice: Option<String>,
    },
    /// It holds an item that is not in the right form.
    Unusable {
        /// The item.
        item: Place,
        /// What is wrong, without the item's content.
        why: String,
        /// What to do about it.
        advice: Option<String>,
    },
    /// Credentials.
    Found {
        /// The item that holds them.
        item: Place,
        /// The credentials.
        credentials: StaticCredentials,
    },
}

words! {
    /// Why a keychain cannot be used.
    pub enum KeychainObstacle {
        /// No keychain service runs in this session.
        Absent = "absent",
        /// It would have to ask the person for a password.
        Locked = "locked",
        /// It did not answer in time.
        TimedOut = "timed_out",
        /// It answered with an error.
        Failed = "failed",
    }
}

impl Requests {
    /// Whether the answer depends on the keychain: not where a method other than `api_key` is chosen.
    pub fn depend_on_keychain(&self) -> bool {
        let chosen = self.method.iter().find(|request| request.asker <= Asker::User);
        chosen.is_none_or(|request| request.value.method().is_none())
    }
}
