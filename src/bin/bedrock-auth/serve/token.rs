//! Numbers that nobody can guess.

use data_encoding::BASE64URL_NOPAD;
use data_encoding::HEXLOWER;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::exit::Failure;

/// An authorization token of 256 bits.
pub(super) fn generate() -> Result<SecretString, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    fill(bytes.as_mut_slice())?;
    Ok(SecretString::from(BASE64URL_NOPAD.encode(bytes.as_slice())))
}

/// What tells this process from those before it: each counts its answers from 1.
pub(super) fn instance() -> Result<String, Failure> {
    let mut bytes = [0; 6];
    fill(&mut bytes)?;
    Ok(HEXLOWER.encode(&bytes))
}

fn fill(bytes: &mut [u8]) -> Result<(), Failure> {
    getrandom::fill(bytes)
        .map_err(|error| Failure::new(format!("the system gives no random numbers: {error}")))
}
