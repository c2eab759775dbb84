//! Pages for people: aligned, coloured where the terminal wants it, readable without colour and when narrow.

pub(crate) mod answer;
pub(crate) mod audit;
pub(crate) mod cells;
pub(crate) mod changes;
pub(crate) mod checks;
pub(crate) mod diff;
pub(crate) mod effective;
pub(crate) mod findings;
pub(crate) mod scenarios;
pub(crate) mod summary;
pub(crate) mod verification;

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write as _};

use anstyle::{AnsiColor, Style};
use bedrock_auth::prose::{Harmless, steers_a_terminal};
use bedrock_auth::provenance::Place;
use jiff::Timestamp;
use serde::Serialize;
use textwrap::{Options, WordSeparator, WordSplitter};
use zeroize::Zeroizing;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const PLAIN: Style = Style::new();

/// Said of every answer under policies that are not the machine's own.
pub(crate) const WHAT_IF: &str = "what if: these are not the policies of this machine";

/// Wide enough for the labels and a few words beside them.
const NARROWEST: usize = 24;
const WIDEST: usize = 110;
/// Output that is not for a terminal is not wrapped for one.
const WHERE_NO_TERMINAL: usize = 100;
/// Below this width labels stand above what they label.
const TOO_NARROW_FOR_COLUMNS: usize = 50;
const LABEL_WIDTH: usize = 12;

/// So many of them.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A page that is built in memory and printed at once.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub(crate) fn for_stdout() -> Self {
        Page { text: String::new(), width: width_of(terminal_size::terminal_size_of(io::stdout())) }
    }

    pub(crate) fn for_stderr() -> Self {
        Page { text: String::new(), width: width_of(terminal_size::terminal_size_of(io::stderr())) }
    }

    /// An answer for programs, where it tells why something is not done.
    pub(crate) fn of_json(answer: &impl Serialize) -> io::Result<Self> {
        let text = harmless(&serde_json::to_string_pretty(answer)?);
        Ok(Page { text, ..Page::for_stderr() })
    }

    /// The first line: the answer in one word, and in one sentence.
    pub(crate) fn headline(&mut self, style: Style, word: &str, sentence: &str) {
        let line = format!("{}  {sentence}", styled(style, word));
        self.wrapped(&line, "", "  ");
    }

    /// A blank line and a heading.
    pub(crate) fn section(&mut self, title: &str) {
        self.blank();
        self.wrapped(&styled(STRONG, title), "", "");
    }

    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// A label and what belongs to it.
    pub(crate) fn entry(&mut self, label: &str, text: &str) {
        self.entry_at("  ", LABEL_WIDTH, label, text);
    }

    /// A label of a given width at a given indent, and what belongs to it.
    pub(crate) fn entry_at(&mut self, indent: &str, label_width: usize, label: &str, text: &str) {
        if self.width < TOO_NARROW_FOR_COLUMNS {
            if !label.is_empty() {
                self.wrapped(&styled(FAINT, label), indent, indent);
            }
            let deeper = format!("{indent}  ");
            self.wrapped(text, &deeper, &deeper);
            return;
        }
        let first = format!("{indent}{}", padded(&styled(FAINT, label), label_width));
        self.wrapped(text, &first, &" ".repeat(textwrap::core::display_width(&first)));
    }

    /// A label, one word on it, and what belongs to both.
    pub(crate) fn row(
        &mut self,
        label: &str,
        label_width: usize,
        word: &str,
        word_width: usize,
        text: &str,
    ) {
        if self.width < TOO_NARROW_FOR_COLUMNS {
            return self.entry_at("  ", label_width, label, &format!("{word}  {text}"));
        }
        let label = padded(&styled(FAINT, label), label_width);
        let first = format!("  {label}{}", padded(word, word_width));
        self.wrapped(text, &first, &" ".repeat(textwrap::core::display_width(&first)));
    }

    /// Rows of a table: one width for all labels.
    pub(crate) fn entries(&mut self, rows: &[(String, String)]) {
        let width = rows.iter().map(|(label, _)| textwrap::core::display_width(label)).max();
        for (label, text) in rows {
            self.entry_at("  ", width.unwrap_or_default() + 2, label, text);
        }
    }

    /// A line of its own.
    pub(crate) fn note(&mut self, text: &str) {
        self.wrapped(text, "", "  ");
    }

    /// A line that keeps its length and its white space, whatever the terminal's width.
    pub(crate) fn line(&mut self, style: Style, text: &str) {
        let _ = writeln!(self.text, "{style}{}{style:#}", Harmless(text));
    }

    /// A line below the heading of a section.
    pub(crate) fn item(&mut self, text: &str) {
        self.wrapped(text, "  ", "    ");
    }

    /// What went wrong, and what to do about it.
    pub(crate) fn problem(&mut self, word: &str, message: &str, advice: Option<&str>) {
        self.told(BAD, word, message, advice);
    }

    fn told(&mut self, style: Style, word: &str, message: &str, advice: Option<&str>) {
        self.wrapped(&format!("{}: {}", styled(style, word), clean(message)), "", "  ");
        if let Some(advice) = advice {
            self.wrapped(&format!("{}: {}", styled(STRONG, "help"), clean(advice)), "  ", "    ");
        }
    }

    /// What did not go as it should, and what to do about it.
    pub(crate) fn warning(&mut self, message: &str, advice: Option<&str>) {
        self.told(WARN, "warning", message, advice);
    }

    pub(crate) fn print(&self) -> io::Result<()> {
        unless_nobody_reads(anstream::stdout().write_all(self.text.as_bytes()))
    }

    /// How many columns it has.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// What was written so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Says whether anybody reads on.
    pub(crate) fn print_one_of_many(&self) -> io::Result<bool> {
        let mut stdout = anstream::stdout();
        is_read(stdout.write_all(self.text.as_bytes()).and_then(|()| stdout.flush()))
    }

    pub(crate) fn print_to_stderr(&self) -> io::Result<()> {
        anstream::stderr().write_all(self.text.as_bytes())
    }

    fn wrapped(&mut self, text: &str, first: &str, rest: &str) {
        let options = Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            // A path that is cut in two can be neither read nor copied.
            .break_words(false);
        for line in textwrap::wrap(text, options) {
            let _ = writeln!(self.text, "{}", line.trim_end());
        }
    }
}

/// `COLUMNS` is what other programs go by where there is no terminal to ask.
fn width_of(terminal: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = terminal.map(|(width, _)| usize::from(width.0)).or_else(columns);
    width.unwrap_or(WHERE_NO_TERMINAL).clamp(NARROWEST, WIDEST)
}

/// Each word carries its style, so that a line break inside does not colour the margin.
pub(crate) fn styled(style: Style, text: &str) -> String {
    if style == PLAIN || text.is_empty() {
        return text.to_owned();
    }
    let words: Vec<_> = text.split(' ').map(|word| format!("{style}{word}{style:#}")).collect();
    words.join(" ")
}

fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(textwrap::core::display_width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// A place as people write it.
pub(crate) fn place(place: &Place) -> String {
    styled(FAINT, &clean(&place.to_string()))
}

/// Text from outside, safe for a terminal; the home directory is `~`.
pub(crate) fn clean(text: &str) -> String {
    let safe = Harmless(text).to_string();
    match std::env::var("HOME").ok().filter(|home| home.len() > 1) {
        Some(home) => safe.replace(&format!("{}/", home.trim_end_matches('/')), "~/"),
        None => safe,
    }
}

/// How commands to the runners of Azure, GitHub and TeamCity begin, wherever they stand in a log; a bracket follows.
pub(crate) const RUNNER_COMMANDS: &[&str] = &["##", "##vso", "##teamcity"];

/// A text from outside as a line of a log: runners take some for commands, those and `::…` at the beginning.
pub(crate) fn no_command(line: &str) -> String {
    let mut line = line.to_owned();
    for command in RUNNER_COMMANDS {
        line = line.replace(&format!("{command}["), &format!("{command}\u{fffd}"));
    }
    match line.trim_start().starts_with("::") {
        true => line.replacen("::", ":\u{fffd}", 1),
        false => line,
    }
}

/// As AWS writes instants; some of its programs read no fractions.
pub(crate) fn whole_seconds(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Prints an answer for programs.
pub(crate) fn print_json(answer: &impl Serialize) -> io::Result<()> {
    print_raw(harmless(&serde_json::to_string_pretty(answer)?).as_bytes())
}

/// Prints one of many answers for programs, on a line of its own; says whether anybody reads on.
pub(crate) fn print_json_line(answer: &impl Serialize) -> io::Result<bool> {
    is_read(write_raw(harmless(&serde_json::to_string(answer)?).as_bytes()))
}

/// Prints what holds a secret, on one line.
pub(crate) fn print_secret_json(secret: &impl Serialize) -> io::Result<()> {
    let mut text = Zeroizing::new(serde_json::to_string(secret)?);
    text.push('\n');
    print_raw(text.as_bytes())
}

/// Prints what holds a secret, on many lines.
pub(crate) fn print_secret_json_pretty(secret: &impl Serialize) -> io::Result<()> {
    let json = Zeroizing::new(serde_json::to_string_pretty(secret)?);
    print_raw(Zeroizing::new(harmless(&json)).as_bytes())
}

/// JSON lets through what steers a terminal beyond ASCII; escaped, it means the same.
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 1);
    // Most answers are plain, and some are long.
    if json.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        text.push_str(json);
        text.push('\n');
        return text;
    }
    for character in json.chars() {
        if character != '\n' && steers_a_terminal(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(character);
        }
    }
    text.push('\n');
    text
}

/// Prints text of our own making, as it is.
pub(crate) fn print_raw(text: &[u8]) -> io::Result<()> {
    unless_nobody_reads(write_raw(text))
}

fn write_raw(text: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(text).and_then(|()| stdout.flush())
}

/// What came of printing; nothing where nobody reads on.
pub(crate) fn until_nobody_reads<T>(printed: io::Result<T>) -> io::Result<Option<T>> {
    match printed {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(None),
        printed => printed.map(Some),
    }
}

/// Whether anybody reads what was written.
fn is_read(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whoever closed the pipe has seen enough: no fault, and the exit code still tells the answer.
fn unless_nobody_reads(written: io::Result<()>) -> io::Result<()> {
    is_read(written).map(drop)
}
