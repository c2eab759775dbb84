//! One way around, as data.

use crate::child::{Child, Outcome, Program};
use crate::world::World;

/// One way around: what stands on the machine, and what comes of it.
///
/// In texts, `%HOME%`, `%OTHER%` and `%OTHER_PORT%` are this run's home and somebody else's server;
/// `%API_KEY%`, `%EXPIRED_API_KEY%` and `%LONG_LIVED_API_KEY%` are short-term API keys, the last one signed by a
/// long-lived key.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// Files below the home; parts of the same name follow each other.
    pub(crate) files: Pairs,
    pub(crate) variables: Pairs,
    /// What a plain program sets in code.
    pub(crate) in_code: InCode,
    /// What our program's user has set.
    pub(crate) settings: &'static str,
    /// What the company allows.
    pub(crate) policy: &'static str,
    /// What the plain SDK does.
    pub(crate) plain: Expect,
    /// What ours does.
    pub(crate) ours: Expect,
    /// What ours reports to play no part, although a plain SDK would heed it.
    pub(crate) neutralised: &'static [&'static str],
}

/// Names and what they hold.
pub(crate) type Pairs = &'static [(&'static str, &'static str)];

/// Requests as [`Request`](crate::support::aws::request::Request) writes them, all that arrived anywhere, in order.
pub(crate) type Arrivals = &'static [&'static str];

/// What a plain program sets in code.
#[derive(Clone, Copy)]
pub(crate) enum InCode {
    Nothing,
    /// `profile_name`.
    Profile(&'static str),
    /// `credentials_provider`, with this access key id.
    Key(&'static str),
}

/// What must come of a case.
#[derive(Clone, Copy)]
pub(crate) enum Expect {
    /// The model answers.
    Answered(Arrivals),
    /// No session opens; the answer is an outcome and its codes. Nothing arrives anywhere.
    NotAllowed(&'static str),
    /// A session opens, but a call is refused by these codes.
    Refused(&'static str, Arrivals),
}

impl Case {
    /// Runs the case with both programs.
    #[track_caller]
    pub(crate) fn run(&self) {
        self.run_one(Program::plain, self.plain, &[]);
        self.run_one(Program::ours, self.ours, self.neutralised);
    }

    #[track_caller]
    fn run_one(
        &self,
        program: fn(&Case, &World) -> Program,
        expect: Expect,
        must_be_neutralised: &[&str],
    ) {
        let world = World::new();
        world.write(self.files);
        let program = program(self, &world);
        let (mut child, opened) = Child::open(self.environment(&world), &program);
        let outcome = match opened {
            Outcome::Opened { neutralised } => {
                assert_eq!(neutralised, must_be_neutralised, "{program:?}");
                child.call()
            }
            outcome => outcome,
        };
        expect.check(&world, &program, &outcome);
    }

    /// All variables of the program.
    pub(crate) fn environment(&self, world: &World) -> Vec<(String, String)> {
        let own = self.variables.iter().map(|(name, value)| (*name, world.fill(value)));
        let all = world.variables().into_iter().chain(own);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Expect {
    #[track_caller]
    pub(crate) fn check(self, world: &World, program: &Program, outcome: &Outcome) {
        let (expected, arrivals) = match self {
            Expect::Answered(arrivals) => (Outcome::Answered, arrivals),
            Expect::NotAllowed(codes) => (Outcome::NotAllowed(codes.to_owned()), &[][..]),
            Expect::Refused(codes, arrivals) => (Outcome::Refused(codes.to_owned()), arrivals),
        };
        let arrivals: Vec<_> = arrivals.iter().map(|line| world.fill(line)).collect();
        assert_eq!((outcome, world.arrived()), (&expected, arrivals), "{program:?}");
    }
}
