//! CA bundles and proxies, as the variables name them.
//!
//! An answer has to know whether there is a certificate at all, and a connection needs every one: folders of
//! certificates hold hundreds of files, and `status` is asked often.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::trusted::{FileRead, Ownership, read_file};
use crate::network::{Certificates, NetworkFacts, SSL_CERT_DIR};
use crate::prose::quoted;

/// The bundles of all public authorities together are a quarter of a megabyte.
const MAX_BYTES: u64 = 16 << 20;

/// A folder with a certificate a file has some hundreds of them, each under several names.
const MAX_FILES: usize = 10_000;

/// What the variables of an environment say about connections, with a certificate of each bundle.
pub(super) fn read(environment: &Environment) -> NetworkFacts {
    NetworkFacts::of(
        |name| environment.get(name),
        |variable, path| match variable {
            SSL_CERT_DIR => Certificates::parse_first(read_folders(path)?),
            _ => Certificates::parse_first([read_one(path)?]),
        },
    )
}

/// The same with all certificates, for those who connect.
#[cfg(any(test, feature = "client"))]
pub(super) fn read_whole(environment: &Environment) -> NetworkFacts {
    NetworkFacts::of(
        |name| environment.get(name),
        |variable, path| match variable {
            SSL_CERT_DIR => Certificates::parse(read_folders(path)?),
            _ => Certificates::parse([read_one(path)?]),
        },
    )
}

fn read_one(path: &Path) -> Result<Vec<u8>, String> {
    match read_file(path, Ownership::Waived, MAX_BYTES) {
        FileRead::Read { bytes } => Ok(bytes),
        FileRead::Absent => Err(format!("there is no file {}", quoted(&path.to_string_lossy()))),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => Err(problem.reason),
    }
}

/// Every file of the folders. Such folders hold links that lead nowhere, so what cannot be read is passed over.
fn read_folders(list: &Path) -> Result<impl Iterator<Item = Vec<u8>>, String> {
    let folders = std::env::split_paths(list).filter(|folder| !folder.as_os_str().is_empty());
    let (present, missing): (Vec<_>, Vec<_>) = folders.partition(|folder| folder.exists());
    // OpenSSL passes over a missing folder; where all are missing, the variable names nothing.
    let folders = if present.is_empty() { missing } else { present };
    let mut paths = Vec::new();
    for folder in folders {
        paths.extend(files_in(&folder)?);
    }
    Ok(paths.into_iter().filter_map(|path| read_one(&path).ok()))
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let shown = || quoted(&folder.to_string_lossy());
    let failed = |error: std::io::Error| format!("{} cannot be listed: {}", shown(), error.kind());
    let entries: Vec<_> = folder
        .read_dir()
        .map_err(failed)?
        .take(MAX_FILES + 1)
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    match entries.len() > MAX_FILES {
        true => Err(format!("{} holds more than {MAX_FILES} files", shown())),
        false => Ok(entries.iter().map(std::fs::DirEntry::path).collect()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ROOT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUO/WLWAqMgZvr/AltcnExygg55eQwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJQ29ycCBSb290MCAXDTI2MTEyMjE3NTExNloYDzIxMjYxMDI5
MTc1MTE2WjAUMRIwEAYDVQQDDAlDb3JwIFJvb3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATy1mVX1DFltMUicjAzejluIBmkbNl/qSbDa5OjrJGlW+DRVk69eYxB
G9i6rIdbD9WMtczPXnfqyr0xPv6U4aEdo1MwUTAdBgNVHQ4EFgQURj5L+9EsFu46
qK4zTLynzdX8jbowHwYDVR0jBBgwFoAURj5L+9EsFu46qK4zTLynzdX8jbowDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAnGerCFCH+xUFHE1yGkUG
61hxdckuwj8spDWTJDFWx8sCIQCWK8A5u9OjyYLRq3rWSE44olK+VjVDCR5BnPqL
32t+uQ==
-----END CERTIFICATE-----
";

    fn read_from(name: &str, path: impl AsRef<Path>) -> Result<Certificates, String> {
        let environment = Environment::from_pairs([(name, path.as_ref())]);
        assert_eq!(
            read(&environment).ca_bundles[0].certificates.is_ok(),
            read_whole(&environment).ca_bundles[0].certificates.is_ok(),
            "the first stands for all"
        );
        let [bundle] = read_whole(&environment).ca_bundles.try_into().expect("one bundle is named");
        bundle.certificates
    }

    #[test]
    fn the_file_that_a_variable_names_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        fs::write(&file, format!("Corp Root\n{ROOT}{ROOT}")).unwrap();
        for name in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
            assert_eq!(read_from(name, &file).unwrap().into_iter().count(), 2);
        }
    }

    #[test]
    fn all_files_of_all_folders_are_read() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(one.path().join("a.0"), ROOT).unwrap();
        fs::write(other.path().join("b.pem"), ROOT).unwrap();
        fs::write(other.path().join("README"), "no certificate").unwrap();
        fs::create_dir(other.path().join("private")).unwrap();
        let missing = one.path().join("missing");
        let both = std::env::join_paths([one.path(), &missing, other.path()]).unwrap();
        assert_eq!(read_from("SSL_CERT_DIR", &both).unwrap().into_iter().count(), 2);
    }

    #[test]
    fn what_is_no_bundle_has_a_reason() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("empty.pem"), "").unwrap();
        fs::write(path("cut.pem"), &ROOT[..ROOT.len() / 2]).unwrap();
        for (name, path, reason) in [
            ("AWS_CA_BUNDLE", path("missing.pem"), "there is no file"),
            ("AWS_CA_BUNDLE", dir.path().to_owned(), "directory"),
            ("AWS_CA_BUNDLE", path("empty.pem"), "it holds no certificate"),
            ("SSL_CERT_FILE", path("cut.pem"), "it holds no certificate"),
            ("SSL_CERT_DIR", path("missing"), "cannot be listed"),
            ("SSL_CERT_DIR", dir.path().to_owned(), "it holds no certificate"),
        ] {
            let told = read_from(name, &path).unwrap_err();
            assert!(told.contains(reason), "{name}={}: {told}", path.display());
        }
    }
}
