//! Files as CI servers know them: from the current directory, which is the root of the checkout there, with slashes.

use std::path::{Component, Path};

/// The path from the current directory, if it is below it.
pub(super) fn of_checkout(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let inside = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    let path = inside.unwrap_or_else(|| path.to_owned());
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        match part {
            Component::RootDir => text.push('/'),
            part => text.push_str(&part.as_os_str().to_string_lossy()),
        }
    }
    text
}

/// The same as a relative reference of RFC 3986.
pub(super) fn as_uri(path: &Path) -> String {
    let text = of_checkout(path);
    let mut uri = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_have_slashes() {
        assert_eq!(of_checkout(Path::new("./a/./b.json")), "a/b.json");
        let here = std::env::current_dir().unwrap();
        assert_eq!(of_checkout(&here.join("a/b.json")), "a/b.json");
        assert_eq!(of_checkout(Path::new("/no/such/p.json")), "/no/such/p.json");
        assert_eq!(as_uri(Path::new("a b/ü%.json")), "a%20b/%C3%BC%25.json");
    }
}
