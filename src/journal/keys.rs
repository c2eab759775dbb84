//! The keys of a journal: made when it begins, or given.

use std::io;
use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, EncodePrivateKey as _, spki::der::pem::LineEnding,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::{Doing, JournalError};
use super::layout::Layout;
use super::private;
use crate::audit::Fingerprint;

const FINGERPRINT_KEY_LENGTH: usize = 32;

/// What fingerprints are made with.
pub(super) struct FingerprintKey(Zeroizing<[u8; FINGERPRINT_KEY_LENGTH]>);

/// Tells these fingerprints from any others that could be made with the key.
const PURPOSE: &[u8] = b"bedrock-auth API key\0";

impl FingerprintKey {
    /// Reads the key, or makes one.
    pub(super) fn of(layout: &Layout) -> io::Result<Self> {
        let path = layout.fingerprint_key();
        let mut key = Zeroizing::new([0; FINGERPRINT_KEY_LENGTH]);
        match private::read(&path).map(Zeroizing::new) {
            Ok(bytes) if bytes.len() == key.len() => key.copy_from_slice(&bytes),
            Ok(_) => return Err(not_a_key(&path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                random(&mut *key)?;
                private::write(&path, &*key)?;
            }
            Err(error) => return Err(error),
        }
        Ok(FingerprintKey(key))
    }

    pub(super) fn fingerprint(&self, secret: &SecretString) -> Fingerprint {
        // Keys of any length are taken.
        let mut mac =
            <Hmac<Sha256>>::new_from_slice(&*self.0).expect("HMAC takes keys of any length");
        mac.update(PURPOSE);
        mac.update(secret.expose_secret().as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Fingerprint(first)
    }
}

/// Reads the signing key, or makes one.
pub(super) fn signing_key(layout: &Layout) -> io::Result<SigningKey> {
    let path = layout.signing_key();
    match private::read_text(&path).map(Zeroizing::new) {
        Ok(pem) => SigningKey::from_pkcs8_pem(&pem).map_err(|_| not_a_key(&path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut seed = Zeroizing::new([0; 32]);
            random(&mut *seed)?;
            let key = SigningKey::from_bytes(&seed);
            let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| not_a_key(&path))?;
            private::write(&path, pem.as_bytes())?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

/// Whether a text is a signing key.
pub(super) fn check(pem: &str, path: &Path) -> io::Result<()> {
    SigningKey::from_pkcs8_pem(pem).map(drop).map_err(|_| not_a_key(path))
}

/// The keys that are there and cannot be used, found without making any.
pub(crate) fn unusable_keys(layout: &Layout) -> Vec<JournalError> {
    let fingerprints = layout.fingerprint_key();
    let signing = layout.signing_key();
    let of_fingerprints = private::read(&fingerprints).map(Zeroizing::new).and_then(|bytes| {
        if bytes.len() == FINGERPRINT_KEY_LENGTH { Ok(()) } else { Err(not_a_key(&fingerprints)) }
    });
    let of_signatures =
        private::read_text(&signing).map(Zeroizing::new).and_then(|pem| check(&pem, &signing));
    [(&fingerprints, of_fingerprints), (&signing, of_signatures)]
        .into_iter()
        .filter_map(|(path, looked)| {
            let error = looked.err().filter(|error| error.kind() != io::ErrorKind::NotFound)?;
            Some(JournalError::new(Doing::Keys, path, &error))
        })
        .collect()
}

pub(super) fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
}

fn not_a_key(path: &Path) -> io::Error {
    let message = format!("`{}` holds no key of this kind", path.display());
    io::Error::new(io::ErrorKind::InvalidData, message)
}
