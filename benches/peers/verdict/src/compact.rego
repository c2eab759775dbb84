# The same constraints in as few rules as they fit in: a refusal then has no reason but "not allowed".
package bedrock

accounts := {"111122223333", "444455556666"}

default allow := false

allow if {
	input.method == "automatic"
	is_allowed_region
	input.root in {"web_identity", "container", "imds"}
	input.account in accounts
}

allow if {
	input.method == "named_profile"
	is_allowed_region
	is_allowed_profile
	input.root in {"sso", "web_identity", "credential_process"}
	startswith(input.role_arn, "arn:aws:iam::")
	contains(input.role_arn, ":role/Bedrock")
	is_allowed_command
	input.account in accounts
}

allow if {
	input.method == "sso"
	is_allowed_region
	startswith(input.profile, "corp-")
	input.start_url in {"https://corp.awsapps.com/start", "https://corp-eu.awsapps.com/start"}
	input.account in accounts
	startswith(input.role_name, "Bedrock")
}

allow if {
	input.method == "iam_credentials"
	is_allowed_region
	input.layer == "keychain"
	input.root == "temporary_keys"
	input.account == "111122223333"
}

allow if {
	input.method == "api_key"
	is_allowed_region
	input.layer == "environment"
	input.kind == "short_term"
	input.lifetime <= 28800
	input.signed_by_temporary_key
	input.account == "111122223333"
}

is_allowed_region if startswith(input.region, "eu-")

is_allowed_region if input.region == "us-east-1"

is_allowed_profile if startswith(input.profile, "corp-")

is_allowed_profile if startswith(input.profile, "ci-")

is_allowed_command if startswith(input.command, "/opt/corp/bin/creds ")

is_allowed_command if {
	not input.command
	input.root != "credential_process"
}
