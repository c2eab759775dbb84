//! A real terminal of a given width, with the program in front of it.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs on a terminal of its own.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    pub(crate) fn run(columns: u16, command: &Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = File::from(rustix::fs::open(name, flags, Mode::empty()).unwrap());
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&slave, size).unwrap();
        let child = on_terminal(command, &slave).spawn().expect("`setsid` of util-linux");
        let (sender, screen) = channel();
        let mut reader = File::from(rustix::io::fcntl_dupfd_cloexec(&master, 3).unwrap());
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // The last process on the terminal ends it with an error rather than an end of file.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Terminal { child, keyboard: File::from(master), screen, seen: String::new() }
    }

    /// Waits for a prompt and types an answer to it.
    pub(crate) fn type_at(&mut self, prompt: &str, line: &str) {
        self.read_until(|seen| seen.ends_with(prompt), prompt);
        // The echo is turned off a moment after the prompt is shown, before any person could type.
        let start = Instant::now();
        while tcgetattr(&self.keyboard).unwrap().local_modes.contains(LocalModes::ECHO) {
            assert!(start.elapsed() < PATIENCE, "the echo stays on at `{prompt}`");
            thread::sleep(Duration::from_millis(1));
        }
        self.keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Waits for a question and answers it where everybody can read along.
    pub(crate) fn answer_at(&mut self, question: &str, line: &str) {
        self.read_until(|seen| seen.ends_with(question), question);
        self.keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// The exit code, and everything that was on the screen.
    pub(crate) fn finish(mut self) -> (i32, String) {
        self.read_until(|_| false, "its end");
        let code = self.child.wait().unwrap().code().expect("an exit code");
        (code, self.seen.replace("\r\n", "\n"))
    }

    fn read_until(&mut self, done: impl Fn(&str) -> bool, what: &str) {
        let start = Instant::now();
        while !done(&self.seen) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.seen += &String::from_utf8_lossy(&bytes),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("waited for {what} in vain; on the screen: {}", self.seen)
                }
            }
        }
    }
}

/// `setsid` makes it the controlling terminal, which is where prompts are shown.
fn on_terminal(command: &Command, slave: &File) -> Command {
    let stdio = || Stdio::from(slave.try_clone().unwrap());
    let mut wrapped = Command::new("setsid");
    wrapped.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args());
    wrapped.env_clear().env("TERM", "xterm-256color");
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            wrapped.env(name, value);
        }
    }
    if let Some(dir) = command.get_current_dir() {
        wrapped.current_dir(dir);
    }
    wrapped.stdin(stdio()).stdout(stdio()).stderr(stdio());
    wrapped
}
