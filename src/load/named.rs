//! What is said of a file that somebody named and that cannot be read. They are no administrator of the machine, and
//! nothing on it is denied for it: a check in CI, a scenario, a person's own settings.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::trusted::Problem;
use crate::jsonc::{Finding, SourceText};

const MAKE_READABLE: &str = "make it readable for whoever runs this program";

/// No such file.
pub(super) fn absent(path: &Path) -> Finding {
    let name = crate::prose::quoted(&path.to_string_lossy());
    Finding::unreadable(path, format!("there is no file {name}"))
}

/// Something is there that cannot be read as a file of so many bytes at most.
pub(super) fn unreadable(path: &Path, problem: Problem, max_bytes: u64) -> Finding {
    // For the wording alone, so the file may be looked at anew.
    let advice = match fs::metadata(path) {
        Ok(found) if !found.is_file() => "name a regular file, or put one in its place".to_owned(),
        Ok(found) if found.len() > max_bytes => shorten(max_bytes),
        Ok(_) if fs::File::open(path).is_ok() => problem.remedy,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            "put back what the link leads to, or remove the link".to_owned()
        }
        Ok(_) | Err(_) => MAKE_READABLE.to_owned(),
    };
    Finding::unreadable(path, problem.reason).with_advice(advice)
}

/// The text of what stands in no file.
pub(super) fn read_from(
    source: impl Read,
    name: &Path,
    max_bytes: u64,
) -> Result<SourceText, Finding> {
    let mut bytes = Vec::new();
    match source.take(max_bytes + 1).read_to_end(&mut bytes) {
        Err(error) => Err(Finding::unreadable(name, format!("it cannot be read: {error}"))),
        Ok(read) if read as u64 > max_bytes => {
            let why = format!("it is larger than {max_bytes} bytes");
            Err(Finding::unreadable(name, why).with_advice(shorten(max_bytes)))
        }
        Ok(_) => SourceText::from_bytes(name, bytes),
    }
}

/// What to do about a text that is too long.
fn shorten(max_bytes: u64) -> String {
    format!("shorten it to at most {max_bytes} bytes")
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::{read_policy_file, read_text_file};

    #[test]
    fn nobody_who_names_a_file_is_told_to_be_root() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("directory")).unwrap();
        std::fs::write(at("large"), vec![b' '; (8 << 20) + 1]).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        for (name, part) in [
            ("directory", "a regular file"),
            ("large", "shorten it"),
            ("dangling", "the link leads to"),
            ("loop", "readable"),
        ] {
            for finding in [read_policy_file(&at(name)), read_text_file(&at(name))] {
                let advice = finding.unwrap_err().advice.unwrap();
                assert!(advice.contains(part) && !advice.contains("root"), "{name}: {advice}");
            }
        }
    }
}
