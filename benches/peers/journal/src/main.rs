//! Makes up an audit journal: `journal DIRECTORY RECORDS RECORDS_A_SEGMENT`.

use std::path::Path;

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../../../tests/support/journal.rs"]
mod journal;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let [_, directory, records, a_segment] = &arguments[..] else {
        panic!("journal DIRECTORY RECORDS RECORDS_A_SEGMENT");
    };
    let number = |text: &str| text.parse().expect("a number");
    let mut generator = journal::Generator::plain(5);
    generator.journal(Path::new(directory), number(records), number(a_segment));
}
