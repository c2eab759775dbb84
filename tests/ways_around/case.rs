//! One way around, as data.

use crate::child::{Child, Outcome, Program};
use crate::world::World;

/// One way around: what stands on the machine, and what comes of it.
///
/// `%HOME%`, `%OTHER%` and `%OTHER_PORT%` in texts are this run's home, and somebody else's server.
#[derive(Clone, Default)]
pub(crate) struct Case {
    /// Files below the home; parts of the same name follow each other.
    pub(crate) files: &'static [(&'static str, &'static str)],
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// What a plain program sets in code.
    pub(crate) in_code: InCode,
    /// Files that change after the client is made, and before it is used once more.
    pub(crate) meanwhile: &'static [(&'static str, &'static str)],
    /// What the plain SDK does.
    pub(crate) plain: Expect,
}

/// What a plain program sets in code.
#[derive(Clone, Copy, Default)]
pub(crate) struct InCode {
    pub(crate) profile: Option<&'static str>,
    pub(crate) access_key_id: Option<&'static str>,
    pub(crate) endpoint: Option<&'static str>,
}

/// What must come of a case: whether the model answers, and all that arrived anywhere, in order.
#[derive(Clone, Copy)]
pub(crate) enum Expect {
    /// The model answers.
    Answered(&'static [&'static str]),
    /// The call fails, and the error holds these words.
    Fails(&'static str, &'static [&'static str]),
}

impl Default for Expect {
    fn default() -> Self {
        Expect::Answered(&[])
    }
}

impl Case {
    /// Runs the case with each program.
    #[track_caller]
    pub(crate) fn run(&self) {
        let world = self.world();
        let outcome = self.outcome(&world);
        self.plain.check("the plain SDK", &outcome, &world.arrived());
    }

    fn world(&self) -> World {
        let world = World::new();
        world.write(self.files);
        world
    }

    fn outcome(&self, world: &World) -> Outcome {
        let (mut child, opened) = Child::open(self.environment(world), &self.program(world));
        opened?;
        if !self.meanwhile.is_empty() {
            world.write(self.meanwhile);
        }
        child.call()
    }

    fn environment(&self, world: &World) -> Vec<(String, String)> {
        let own = self.variables.iter().map(|(name, value)| (*name, world.fill(value)));
        let all = world.variables().into_iter().chain(own);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn program(&self, world: &World) -> Program {
        let owned = |text: Option<&str>| text.map(|text| world.fill(text));
        Program {
            profile: owned(self.in_code.profile),
            access_key_id: owned(self.in_code.access_key_id),
            endpoint: owned(self.in_code.endpoint),
        }
    }
}

impl Expect {
    #[track_caller]
    fn check(self, who: &str, outcome: &Outcome, arrived: &[String]) {
        let must_arrive = match self {
            Expect::Answered(must_arrive) | Expect::Fails(_, must_arrive) => must_arrive,
        };
        assert_eq!(arrived, must_arrive, "{who}: {outcome:?}");
        match (self, outcome) {
            (Expect::Answered(_), Ok(_)) => {}
            (Expect::Fails(words, _), Err(error)) if error.contains(words) => {}
            (Expect::Answered(_), Err(error)) => panic!("{who}: no answer, but: {error}"),
            (Expect::Fails(words, _), _) => panic!("{who}: no `{words}` in {outcome:?}"),
        }
    }
}
