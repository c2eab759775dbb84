"""Writes the JSON Schema of the OCSF classes that `audit export --format ocsf` uses.

    git clone --branch 1.6.0 https://github.com/ocsf/ocsf-schema
    pip install ocsf-lib==0.10.4
    python -m ocsf.compile ocsf-schema | python tests/peers/ocsf_schema.py > tests/audit_query/ocsf-1.6.0.schema.json

What the published schema says: attributes, types, enumerations, requirements, constraints; profiles as an event names them.
"""

import json
import sys

PROFILES = {
    "authentication": ["cloud", "host", "security_control"],
    "entity_management": ["host"],
    "event_log_actvity": ["host"],  # spelled so in OCSF
}
SCALARS = {"boolean_t": "boolean", "integer_t": "integer", "long_t": "integer", "float_t": "number", "string_t": "string"}

schema = json.load(sys.stdin)
definitions = {}


def scalar(name):
    kind = schema["types"][name]
    base = SCALARS.get(name) or SCALARS[kind["type"]]
    out = {"type": base}
    if kind.get("regex"):
        out["pattern"] = kind["regex"]
    if kind.get("max_len"):
        out["maxLength"] = kind["max_len"]
    return out


def value(attribute):
    # Objects are named as types, or beside them.
    name = attribute.get("object_type") or attribute["type"]
    if name not in schema["types"]:
        if name == "object":
            one = {"type": "object"}
        else:
            define(name)
            one = {"$ref": f"#/definitions/{name}"}
    elif attribute["type"] == "json_t":
        one = {}
    else:
        one = scalar(attribute["type"])
        if attribute.get("enum"):
            keys = list(attribute["enum"])
            one["enum"] = [int(key) for key in keys] if one["type"] == "integer" else keys
    return {"type": "array", "items": one} if attribute.get("is_array") else one


def structure(described, profiles):
    members = {
        name: attribute
        for name, attribute in described["attributes"].items()
        if not attribute.get("profile") or attribute["profile"] in profiles
    }
    out = {
        "type": "object",
        "properties": {name: value(attribute) for name, attribute in sorted(members.items())},
        "additionalProperties": False,
        "required": sorted(name for name, attribute in members.items() if attribute["requirement"] == "required"),
    }
    for rule, names in (described.get("constraints") or {}).items():
        keyword = {"at_least_one": "anyOf", "just_one": "oneOf"}[rule]
        out[keyword] = [{"required": [name]} for name in names]
    return out


def define(name):
    if name not in definitions:
        definitions[name] = None
        definitions[name] = structure(schema["objects"][name], [])


classes = []
for name, profiles in PROFILES.items():
    described = schema["classes"][name]
    event = structure(described, profiles)
    event["properties"]["class_uid"] = {"const": described["uid"]}
    named = {"properties": {"profiles": {"const": profiles}, "version": {"const": schema["version"]}}, "required": ["profiles"]}
    event["properties"]["metadata"] = {"allOf": [event["properties"]["metadata"], named]}
    classes.append(event)

json.dump(
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "From OCSF " + schema["version"] + " (github.com/ocsf/ocsf-schema, Apache-2.0) by tests/peers/ocsf_schema.py",
        "oneOf": classes,
        "definitions": definitions,
    },
    sys.stdout,
    separators=(",", ":"),
    sort_keys=True,
)
print()
