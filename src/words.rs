//! Closed vocabularies: enums whose members have one name in files, answers and schemas.

/// An enum whose every member has one written name.
pub trait Word: Copy + Sized + 'static {
    /// Every member, in the order of declaration.
    const ALL: &'static [Self];

    /// The name as files and answers write it.
    fn as_str(self) -> &'static str;

    /// The member of this name; names are case-sensitive.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|member| member.as_str() == word)
    }
}

/// Declares a [`Word`] with its written names, `Display`, `Serialize` and JSON Schema.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $member:ident = $word:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $member,)+ }

        impl $name {
            /// Every member, in the order of declaration.
            pub const ALL: &'static [Self] = &[$($name::$member,)+];

            /// The name as files and answers write it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$member => $word,)+ }
            }
        }

        impl $crate::words::Word for $name {
            const ALL: &'static [Self] = $name::ALL;

            fn as_str(self) -> &'static str {
                $name::as_str(self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

pub(crate) use words;

/// The candidate that a person most likely meant, as advice; where none is near enough, other advice.
pub fn did_you_mean<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    match nearest(typed, candidates) {
        Some(near) => format!("did you mean `{near}`?"),
        None => otherwise(),
    }
}

/// The candidate that a person most likely meant, if one is near enough.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR_ENOUGH: f64 = 0.75;
    /// No candidate is half as long, and to compare texts takes its time.
    const LONGEST: usize = 100;
    if typed.len() > LONGEST {
        return None;
    }
    // All our names are in lower case, and people write `SSO`.
    let typed = typed.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&typed, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= NEAR_ENOUGH)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
