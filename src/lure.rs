//! Variables and profile keys that a plain AWS SDK would heed, and that a client of ours replaces in code.

use crate::provenance::Place;

/// One of them. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lure {
    /// What a plain AWS SDK would take from it.
    pub kind: LureKind,
    /// Where it stands.
    pub at: Place,
    /// The key and the profile that holds it; none for a variable.
    pub key: Option<(&'static str, String)>,
    /// What it says, for the kinds where that tells something: a profile, a region, an endpoint that can be shown.
    pub value: Option<String>,
}

/// What a plain AWS SDK would take from a lure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LureKind {
    /// The access key that signs.
    AccessKey,
    /// The API key that is sent instead of a signature.
    BearerToken,
    /// The profile that settings and credentials are read from.
    Profile,
    /// The region.
    Region,
    /// The endpoint of Bedrock Runtime.
    Endpoint,
    /// The order of authentication schemes.
    AuthScheme,
    /// Endpoints that are validated under FIPS 140.
    FipsEndpoint,
    /// Endpoints that are reached over IPv6 as well.
    DualStackEndpoint,
    /// The regions that SigV4a signs for.
    SigningRegions,
}
