# The twenty constraints of policy.jsonc, one member of `deny` each, so that a refusal names its reasons as ours does.
package bedrock

accounts := {"111122223333", "444455556666"}

default allow := false

allow if count(deny) == 0

deny contains "automatic.roots" if {
	input.method == "automatic"
	not input.root in {"web_identity", "container", "imds"}
}

deny contains "automatic.accounts" if {
	input.method == "automatic"
	not input.account in accounts
}

deny contains "named_profile.profiles" if {
	input.method == "named_profile"
	not startswith(input.profile, "corp-")
	not startswith(input.profile, "ci-")
}

deny contains "named_profile.roots" if {
	input.method == "named_profile"
	not input.root in {"sso", "web_identity", "credential_process"}
}

deny contains "named_profile.role_arns" if {
	input.method == "named_profile"
	not is_bedrock_role
}

is_bedrock_role if {
	startswith(input.role_arn, "arn:aws:iam::")
	contains(input.role_arn, ":role/Bedrock")
}

deny contains "named_profile.commands" if {
	input.method == "named_profile"
	not is_allowed_command
}

is_allowed_command if startswith(input.command, "/opt/corp/bin/creds ")

is_allowed_command if {
	not input.command
	input.root != "credential_process"
}

deny contains "named_profile.accounts" if {
	input.method == "named_profile"
	not input.account in accounts
}

deny contains "sso.profiles" if {
	input.method == "sso"
	not startswith(input.profile, "corp-")
}

deny contains "sso.start_urls" if {
	input.method == "sso"
	not input.start_url in {"https://corp.awsapps.com/start", "https://corp-eu.awsapps.com/start"}
}

deny contains "sso.accounts" if {
	input.method == "sso"
	not input.account in accounts
}

deny contains "sso.roles" if {
	input.method == "sso"
	not startswith(input.role_name, "Bedrock")
}

deny contains "iam_credentials.layers" if {
	input.method == "iam_credentials"
	input.layer != "keychain"
}

deny contains "iam_credentials.temporary_only" if {
	input.method == "iam_credentials"
	input.root != "temporary_keys"
}

deny contains "iam_credentials.accounts" if {
	input.method == "iam_credentials"
	not input.account == "111122223333"
}

deny contains "api_key.layers" if {
	input.method == "api_key"
	input.layer != "environment"
}

deny contains "api_key.kinds" if {
	input.method == "api_key"
	input.kind != "short_term"
}

deny contains "api_key.max_lifetime" if {
	input.method == "api_key"
	not input.lifetime <= 28800
}

deny contains "api_key.temporary_only" if {
	input.method == "api_key"
	not input.signed_by_temporary_key
}

deny contains "api_key.accounts" if {
	input.method == "api_key"
	not input.account == "111122223333"
}

deny contains "regions" if {
	not startswith(input.region, "eu-")
	input.region != "us-east-1"
}
