//! The events of the made-up product, and who sends which how often.

/// The events of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Event {
    Pageview,
    Pageleave,
    Autocapture,
    Rageclick,
    WebVitals,
    Exception,
    FlagCalled,
    Identify,
    GroupIdentify,
    Set,
    SurveyShown,
    SurveySent,
    SignedUp,
    OnboardingStep,
    FeatureUsed,
    SubscriptionCreated,
    SubscriptionUpgraded,
    SubscriptionCancelled,
    TrialStarted,
    CheckoutStarted,
    CouponApplied,
    InvoicePaid,
    ProjectCreated,
    DocumentCreated,
    DocumentShared,
    CommentAdded,
    SearchPerformed,
    FileUploaded,
    ReportExported,
    InviteSent,
    SettingsChanged,
    NotificationClicked,
    VideoPlayed,
    IntegrationConnected,
    CartUpdated,
    Legacy,
    ApiRequest,
    EmailSent,
    EmailOpened,
    WebhookDelivered,
    JobFailed,
}

/// How old event names are spelt, that only a few clients still send.
const LEGACY: [&str; 5] =
    ["Clicked \"Try it\"", "doc open", "Dokument geöffnet", "legacy_export", "beta feedback"];

impl Event {
    /// The name of the event; old clients have several, chosen by `variant`.
    pub(super) fn name(self, variant: u8) -> &'static str {
        match self {
            Self::Pageview => "$pageview",
            Self::Pageleave => "$pageleave",
            Self::Autocapture => "$autocapture",
            Self::Rageclick => "$rageclick",
            Self::WebVitals => "$web_vitals",
            Self::Exception => "$exception",
            Self::FlagCalled => "$feature_flag_called",
            Self::Identify => "$identify",
            Self::GroupIdentify => "$groupidentify",
            Self::Set => "$set",
            Self::SurveyShown => "survey shown",
            Self::SurveySent => "survey sent",
            Self::SignedUp => "user_signed_up",
            Self::OnboardingStep => "onboarding_step_completed",
            Self::FeatureUsed => "feature_used",
            Self::SubscriptionCreated => "subscription_created",
            Self::SubscriptionUpgraded => "subscription_upgraded",
            Self::SubscriptionCancelled => "subscription_cancelled",
            Self::TrialStarted => "trial_started",
            Self::CheckoutStarted => "checkout_started",
            Self::CouponApplied => "coupon_applied",
            Self::InvoicePaid => "invoice_paid",
            Self::ProjectCreated => "project_created",
            Self::DocumentCreated => "document_created",
            Self::DocumentShared => "document_shared",
            Self::CommentAdded => "comment_added",
            Self::SearchPerformed => "search_performed",
            Self::FileUploaded => "file_uploaded",
            Self::ReportExported => "report_exported",
            Self::InviteSent => "invite_sent",
            Self::SettingsChanged => "settings_changed",
            Self::NotificationClicked => "notification_clicked",
            Self::VideoPlayed => "video_played",
            Self::IntegrationConnected => "integration_connected",
            Self::CartUpdated => "购物车已更新",
            Self::Legacy => LEGACY[usize::from(variant) % LEGACY.len()],
            Self::ApiRequest => "api_request",
            Self::EmailSent => "email_sent",
            Self::EmailOpened => "email_opened",
            Self::WebhookDelivered => "webhook_delivered",
            Self::JobFailed => "job_failed",
        }
    }
}

/// What people with an account do in the product, by weight.
pub(super) const WORK: [(Event, u32); 13] = [
    (Event::SearchPerformed, 120),
    (Event::DocumentCreated, 100),
    (Event::CommentAdded, 80),
    (Event::DocumentShared, 40),
    (Event::NotificationClicked, 40),
    (Event::FileUploaded, 30),
    (Event::ReportExported, 20),
    (Event::ProjectCreated, 18),
    (Event::SettingsChanged, 16),
    (Event::VideoPlayed, 12),
    (Event::InviteSent, 10),
    (Event::IntegrationConnected, 3),
    (Event::Legacy, 3),
];

/// What visitors do besides looking, by weight.
pub(super) const LOOK: [(Event, u32); 5] = [
    (Event::VideoPlayed, 60),
    (Event::SearchPerformed, 40),
    (Event::SurveyShown, 20),
    (Event::CartUpdated, 12),
    (Event::Legacy, 2),
];

/// What the back end reports, by weight; what concerns a subscription only if there is one.
pub(super) const BACK_END: [(Event, u32); 8] = [
    (Event::ApiRequest, 500),
    (Event::EmailSent, 200),
    (Event::EmailOpened, 80),
    (Event::WebhookDelivered, 80),
    (Event::InvoicePaid, 60),
    (Event::JobFailed, 20),
    (Event::SubscriptionUpgraded, 12),
    (Event::SubscriptionCancelled, 8),
];
