//! What a caller chooses about the SDK.

use aws_sdk_bedrockruntime::config::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;

/// How the SDK behaves, tries again and waits.
#[derive(Debug, Clone)]
pub(super) struct SdkChoices {
    pub(super) behavior_version: BehaviorVersion,
    pub(super) retry: Option<RetryConfig>,
    pub(super) timeout: Option<TimeoutConfig>,
}

impl SdkChoices {
    /// Without a `service_config`, the SDK's clients heed no variable and no file.
    pub(super) fn base_config(&self, http_client: SharedHttpClient) -> SdkConfig {
        let retry_config = self.retry.clone().unwrap_or_else(RetryConfig::standard);
        let mut builder = SdkConfig::builder()
            .behavior_version(self.behavior_version)
            .http_client(http_client)
            .retry_config(retry_config)
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new());
        builder.set_timeout_config(self.timeout.clone());
        builder.build()
    }
}
