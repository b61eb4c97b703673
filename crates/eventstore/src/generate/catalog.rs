//! The made-up product: its pages, features, plans and words.

/// A page of the site or of the product.
pub(super) struct Page {
    /// Path and query, percent-encoded.
    pub(super) path: &'static str,
    pub(super) title: &'static str,
    /// Whether a document's number follows the path.
    pub(super) numbered: bool,
}

const fn page(path: &'static str, title: &'static str) -> Page {
    Page { path, title, numbered: false }
}

const fn numbered(path: &'static str, title: &'static str) -> Page {
    Page { path, title, numbered: true }
}

/// All pages; those from [`APP`] on belong to the product.
pub(super) const PAGES: [Page; 20] = [
    page("/", "Larkspur: notes for teams"),
    page("/pricing", "Pricing"),
    page("/features", "Features"),
    page("/blog/why-teams-write", "Why teams write"),
    page("/docs/getting-started", "Getting started"),
    page("/docs/api", "API reference"),
    page("/customers", "Customers"),
    page("/%C3%BCber-uns", "Über uns"),
    page("/signup", "Sign up"),
    page("/login", "Log in"),
    page("/app", "Home"),
    page("/app/onboarding", "Welcome"),
    page("/app/inbox", "Inbox"),
    numbered("/app/documents/", "Document"),
    numbered("/app/projects/", "Project"),
    page("/app/search", "Search"),
    page("/app/reports", "Reports"),
    page("/app/calendar", "Calendar"),
    page("/app/settings/billing", "Billing"),
    page("/app/settings/members", "Members"),
];

/// Number of the first page of the product.
pub(super) const APP: u8 = 10;
/// The landing page.
pub(super) const HOME: u8 = 0;
/// The prices.
pub(super) const PRICING: u8 = 1;
/// The sign-up form.
pub(super) const SIGNUP: u8 = 8;
/// The login form.
pub(super) const LOGIN: u8 = 9;
/// The page of the onboarding.
pub(super) const ONBOARDING: u8 = 11;
/// The page of the subscription.
pub(super) const BILLING: u8 = 18;

/// How often a page is looked at before and after login.
pub(super) const SITE_WEIGHTS: [u32; 8] = [100, 40, 35, 30, 25, 15, 10, 4];
/// Weights of the pages of the product, from [`APP`] on; the onboarding is never drawn.
pub(super) const APP_WEIGHTS: [u32; 10] = [60, 0, 40, 100, 60, 20, 20, 15, 5, 5];

/// Features of the product.
pub(super) const FEATURES: [(&str, u32); 12] = [
    ("dashboards", 30),
    ("comments", 24),
    ("templates", 16),
    ("export", 14),
    ("ai_summary", 12),
    ("kanban", 10),
    ("calendar", 8),
    ("automation", 6),
    ("mobile_sync", 4),
    ("api_keys", 3),
    ("webhooks", 2),
    ("sso", 1),
];

/// Plans and their monthly prices in cents.
pub(super) const PLANS: [(&str, i64); 3] =
    [("starter", 1900), ("team", 7950), ("business", 24_900)];

/// Texts that people type, with everything that makes escaping necessary.
pub(super) const QUERIES: [&str; 10] = [
    "roadmap",
    "meeting notes",
    "\"exact phrase\"",
    "C:\\temp\\report",
    "naïve café",
    "预算 2026",
    "q4 🚀 launch",
    "first line\nsecond line",
    "50% off",
    "tab\there",
];

/// First names.
pub(super) const FIRST_NAMES: [&str; 20] = [
    "Mira", "Jonas", "Zoë", "Amara", "Łukasz", "Chloé", "Søren", "Priya", "José", "Yuki", "Noah",
    "Olga", "Tariq", "Ingrid", "Mateo", "Hana", "Björn", "Leila", "Sam", "Grace",
];

/// Family names.
pub(super) const FAMILY_NAMES: [&str; 20] = [
    "Keller", "O'Neill", "Okafor", "Nowak", "García", "Tanaka", "Müller", "Patel", "Svensson",
    "Dubois", "Kim", "Rossi", "Haddad", "Silva", "Novák", "Moreau", "Jensen", "Wright", "Öztürk",
    "Mwangi",
];

/// First words of company names.
pub(super) const COMPANIES: [&str; 16] = [
    "Alder",
    "Birch",
    "Cobalt",
    "Dover",
    "Ember",
    "Fjord",
    "Granite",
    "Harbor",
    "Iris",
    "Juniper",
    "Kestrel",
    "Lumen",
    "Müller & Söhne",
    "North",
    "Onyx",
    "Pine",
];

/// Industries of companies.
pub(super) const INDUSTRIES: [&str; 6] =
    ["software", "retail", "education", "health care", "finance", "non-profit"];
