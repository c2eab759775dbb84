use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

use super::request::Request;

const ALLOW: &str = "data.bedrock.allow";
const DENY: &str = "data.bedrock.deny";

pub(super) fn engine(rules: &str) -> Engine {
    let mut engine = Engine::new();
    engine.add_policy("rules.rego".to_owned(), rules.to_owned()).expect("Rego rules");
    engine
}

/// The answer of the interpreter.
pub(super) fn allows(engine: &mut Engine, input: &Value) -> bool {
    engine.set_input(input.clone());
    engine.eval_rule(ALLOW.to_owned()).expect("an answer") == Value::Bool(true)
}

/// How many reasons stand in `deny`.
pub(super) fn objections(engine: &mut Engine, input: &Value) -> usize {
    engine.set_input(input.clone());
    let deny = engine.eval_rule(DENY.to_owned()).expect("a set");
    deny.as_set().expect("a set").len()
}

/// The rules compiled for regorus's bytecode machine.
pub(super) fn machine(rules: &str) -> RegoVM {
    let entry: Arc<str> = ALLOW.into();
    let compiled = engine(rules).compile_with_entrypoint(&entry).expect("compiled rules");
    let program = Compiler::compile_from_policy(&compiled, &[ALLOW]).expect("bytecode");
    let mut machine = RegoVM::new();
    machine.load_program(program);
    machine
}

/// The answer of the bytecode machine.
pub(super) fn machine_allows(machine: &mut RegoVM, input: &Value) -> bool {
    machine.set_input(input.clone());
    machine.execute().expect("an answer") == Value::Bool(true)
}

pub(super) fn input(request: &Request) -> Value {
    let mut object: serde_json::Map<String, serde_json::Value> =
        request.texts().map(|(name, value)| (name.to_owned(), value.into())).collect();
    object.insert("method".to_owned(), request.method.into());
    if let Some(seconds) = request.lifetime {
        object.insert("lifetime".to_owned(), seconds.into());
    }
    if let Some(temporary) = request.signed_by_temporary_key {
        object.insert("signed_by_temporary_key".to_owned(), temporary.into());
    }
    let json = serde_json::Value::Object(object).to_string();
    Value::from_json_str(&json).expect("JSON that was just written")
}
