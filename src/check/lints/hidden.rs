//! Characters that hide what a text says, in a value, a key or a comment.

use std::ops::Range;

use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::check::hidden::{Run, runs_in};
use crate::check::secrets;
use crate::jsonc::SourceText;

pub(super) fn hidden(text: &SourceText, part: &Range<usize>, drafts: &mut Drafts) {
    let mut runs = runs_in(text);
    runs.retain(|run| part.start <= run.range.start && run.range.end <= part.end);
    if runs.is_empty() {
        return;
    }
    // The line ends of a private key, say, are told with it.
    let secrets = secrets::find(text.as_str());
    let is_secret = |run: &Run| {
        let meets =
            |secret: &Range<usize>| secret.start < run.range.end && run.range.start < secret.end;
        secrets.iter().any(|(secret, _)| meets(secret))
    };
    for Run { range, first, count, is_escaped } in runs.into_iter().filter(|run| !is_secret(run)) {
        let what = match count {
            1 => "this character".to_owned(),
            _ => format!("the first of these {count} characters"),
        };
        let (does, advice) = match first {
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ("breaks the line", ONE_LINE),
            _ if first.is_control() => ("steers a terminal or a log", remove(is_escaped)),
            _ if changes_direction(first) => {
                ("changes the direction of the text", remove(is_escaped))
            }
            _ => ("shows nothing", remove(is_escaped)),
        };
        let message = format!("{what} {does} (U+{:04X})", u32::from(first));
        drafts.add(Lint::HiddenCharacter, Spot::Bytes(range), message).advise(advice);
    }
}

/// Unicode's Bidi_Control.
fn changes_direction(character: char) -> bool {
    matches!(character, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn remove(is_escaped: bool) -> &'static str {
    match is_escaped {
        true => "remove it: who is shown the value does not see all of it",
        false => {
            "remove it, and read the text anew: who reviews the file does not see what programs read"
        }
    }
}

const ONE_LINE: &str =
    "write it on one line; only what people alone read, such as `description`, may have several";
