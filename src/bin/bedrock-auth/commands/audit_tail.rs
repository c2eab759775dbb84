use std::io::{self, Write as _};
use std::time::Duration;

use bedrock_auth::audit::NotALine;
use bedrock_auth::journal::Layout;
use bedrock_auth::journal::query::View;
use bedrock_auth::journal::reader::{Cursor, Found, ReadError, Reader};
use clap::ValueEnum;

use super::audit_journal::Journal;
use super::watch::end_when_nobody_reads;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, audit, until_nobody_reads};

/// How long a new record may wait to be shown.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Show the last records of the audit journal, and those that come
///
/// Goes on through rotation, by whomever. A record's cursor is its number, `:` and the first 16 digits of its hash.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    journal: Journal,

    /// Begin so many records before the end
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, conflicts_with = "after")]
    lines: u64,

    /// Stay, and show each record as it comes
    #[arg(short, long)]
    follow: bool,

    /// Begin after the record of this cursor; `0:0000000000000000` is before the first
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,

    /// Print the cursor of the last record on standard error at the end
    #[arg(long)]
    show_cursor: bool,

    /// How to print records; `--json` means `--format json`
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, as wide as the terminal
    Table,
    /// The lines of the journal, byte for byte
    Json,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let layout = args.journal.layout(common)?;
    tell_what_is_not_read(&layout)?;
    let format = if common.json { Format::Json } else { args.format };
    let mut reader = match args.after {
        Some(cursor) => Reader::after(&layout, cursor),
        None => Reader::of_last(&layout, args.lines),
    }
    .map_err(failure)?;
    if args.follow {
        end_when_nobody_reads();
    }
    while let Some(()) = until_nobody_reads(print_what_is_there(&mut reader, format)?)? {
        if !args.follow {
            break;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    if args.show_cursor {
        let mut page = Page::for_stderr();
        page.note(&format!("cursor: {}", reader.cursor()));
        page.print_to_stderr()?;
    }
    Ok(Exit::Fine)
}

fn tell_what_is_not_read(layout: &Layout) -> io::Result<()> {
    // That the directory cannot be listed is told by whoever reads records.
    let compressed = layout.compressed().unwrap_or_default();
    let names: Vec<_> = compressed.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    audit::not_read(&names).print_to_stderr()
}

/// The inner result is that of printing.
fn print_what_is_there(reader: &mut Reader, format: Format) -> Result<io::Result<()>, Failure> {
    let mut out = io::BufWriter::new(match format {
        Format::Table => Box::new(anstream::stdout()) as Box<dyn io::Write>,
        Format::Json => Box::new(io::stdout()),
    });
    while let Some(found) = reader.read().map_err(failure)? {
        let printed = match found {
            Found::Record { bytes, .. } => print(&mut out, bytes, format),
            amiss => out.flush().and_then(|()| tell(&amiss)),
        };
        if printed.is_err() {
            return Ok(printed);
        }
    }
    Ok(out.flush())
}

fn print(out: &mut impl io::Write, line: &[u8], format: Format) -> io::Result<()> {
    match (format, View::of(line)) {
        (Format::Table, Some(record)) => {
            out.write_all(audit::record(Page::for_stdout(), &record).text().as_bytes())
        }
        (Format::Table, None) => tell(&Found::NoRecord(NotALine::Form)),
        (Format::Json, _) => out.write_all(line).and_then(|()| out.write_all(b"\n")),
    }
}

fn tell(found: &Found<'_>) -> io::Result<()> {
    let text = match found {
        Found::Record { .. } => return Ok(()),
        Found::NoRecord(NotALine::Form) => "a line is no record".to_owned(),
        Found::NoRecord(NotALine::Changed { sequence }) => format!("record {sequence} was changed"),
        Found::OutOfPlace { sequence } => {
            format!("record {sequence} stands where it does not belong")
        }
        Found::Missing { first, last } if first == last => format!("record {first} is missing"),
        Found::Missing { first, last } => format!("records {first} to {last} are missing"),
    };
    audit::warning(&text).print_to_stderr()
}

fn failure(error: ReadError) -> Failure {
    let failure = Failure::of_error(&error);
    match error {
        ReadError::OtherRecord { .. } => {
            failure.with_advice("it is another journal, or somebody wrote it anew: run `bedrock-auth audit verify`")
        }
        ReadError::Gone { .. } => failure.with_advice(
            "begin with `--after 0:0000000000000000`; `bedrock-auth audit verify` says what is missing",
        ),
        _ => failure,
    }
}
