//! The table of regions is what its generator makes of the botocore that the tests install.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::path::Path;

use support::peers;
use support::program::answer;

#[test]
fn the_table_is_that_of_the_pinned_botocore() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let generated = answer(peers::python().arg(project.join(".ci/regions")).arg("--print"));
    assert_eq!(generated.code, 0, "{}", generated.stderr);
    let committed = std::fs::read_to_string(project.join("src/regions/table.rs")).unwrap();
    assert!(
        generated.stdout == committed,
        "src/regions/table.rs is stale: run .ci/regions with the Python that .ci/install sets up"
    );
}
