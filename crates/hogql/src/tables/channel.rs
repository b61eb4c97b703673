//! Channel types: from which kind of place a session came.
//!
//! PostHog's order of rules over small dictionaries: campaigns, paid media, direct visits, organic sources. The dictionaries hold
//! well-known names only; a referring domain that is in none of them is a `Referral`.

/// Search engines, as sources and as domains.
const SEARCH: &[&str] = &[
    "google",
    "bing",
    "yahoo",
    "duckduckgo",
    "baidu",
    "yandex",
    "ecosia",
    "startpage",
    "qwant",
    "naver",
    "brave",
];
/// Social networks.
const SOCIAL: &[&str] = &[
    "facebook",
    "instagram",
    "twitter",
    "x",
    "linkedin",
    "reddit",
    "pinterest",
    "tiktok",
    "snapchat",
    "threads",
    "mastodon",
    "bluesky",
    "whatsapp",
    "telegram",
    "quora",
    "hackernews",
    "fb",
    "ig",
    "t",
];
/// Video sites.
const VIDEO: &[&str] = &["youtube", "vimeo", "twitch", "dailymotion", "netflix"];
/// Shops.
const SHOPPING: &[&str] =
    &["amazon", "ebay", "etsy", "walmart", "alibaba", "aliexpress", "shopify", "shopping"];
/// Assistants that answer with links.
const ASSISTANTS: &[&str] = &["chatgpt", "openai", "perplexity", "claude", "gemini", "copilot"];
/// Senders of mail.
const MAIL: &[&str] =
    &["email", "e-mail", "mail", "newsletter", "mailchimp", "klaviyo", "sendgrid"];
/// Media that say what they are: medium and the channel, after `Organic` or alone.
const MEDIA: &[(&str, &str)] = &[
    ("social", "Organic Social"),
    ("social-network", "Organic Social"),
    ("sm", "Organic Social"),
    ("video", "Organic Video"),
    ("organic", "Organic Search"),
    ("affiliate", "Affiliate"),
    ("referral", "Referral"),
    ("audio", "Audio"),
    ("sms", "SMS"),
    ("push", "Push"),
    ("email", "Email"),
    ("e-mail", "Email"),
    ("newsletter", "Email"),
];

/// Dictionaries of sites and the channel of an unpaid visit from one.
const ORGANIC: [(&[&str], &str); 6] = [
    (SEARCH, "Organic Search"),
    (SOCIAL, "Organic Social"),
    (VIDEO, "Organic Video"),
    (SHOPPING, "Organic Shopping"),
    (ASSISTANTS, "AI"),
    (MAIL, "Email"),
];

/// HogQL for the channel type, over fields whose names begin with `prefix`: `utm_source`, `referring_domain`, ..
pub(super) fn channel_type(prefix: &str) -> String {
    let text = |name: &str| format!("lower(ifNull({prefix}{name}, ''))");
    let (campaign, medium, source) = (text("utm_campaign"), text("utm_medium"), text("utm_source"));
    let domain = text("referring_domain");
    let gad_source = format!("ifNull({prefix}gad_source, '')");
    let has_fbclid = format!("isNotNull({prefix}fbclid)");
    let is_paid = format!(
        "({medium} IN ('cpc', 'cpm', 'cpv', 'cpa', 'ppc', 'retargeting') or startsWith({medium}, 'paid') \
         or isNotNull({prefix}gclid) or notEmpty({gad_source}))"
    );
    let is_direct = format!("{domain} IN ('', '$direct')");
    let shop = format!("match({campaign}, '^(.*[^a-df-z]|)shop|shopping')");
    // The part of a source or domain before its public suffix: `www.google.co.uk` is `google`.
    let site = |value: &str| {
        format!("extract({value}, '([^.]+)(?:[.](?:com?|org|net|ac))?(?:[.][a-z]+)?$')")
    };
    let among = |list: &[&str]| {
        let quoted: Vec<String> = list.iter().map(|name| format!("'{name}'")).collect();
        let list = quoted.join(", ");
        format!("({} IN ({list}) or {} IN ({list}))", site(&source), site(&domain))
    };
    let mut rules =
        vec![(format!("match({campaign}, 'cross-network')"), "Cross Network".to_owned())];
    let paid = [(SEARCH, "Search"), (SOCIAL, "Social"), (VIDEO, "Video"), (SHOPPING, "Shopping")];
    rules.push((format!("{is_paid} and {shop}"), "Paid Shopping".to_owned()));
    rules.extend(
        paid.map(|(list, name)| (format!("{is_paid} and {}", among(list)), format!("Paid {name}"))),
    );
    rules.push((format!("{is_paid} and {gad_source} = '1'"), "Paid Search".to_owned()));
    rules.push((format!("{is_paid} and match({campaign}, 'video')"), "Paid Video".to_owned()));
    rules.push((format!("{is_paid} and {has_fbclid}"), "Paid Social".to_owned()));
    rules.push((is_paid, "Paid Unknown".to_owned()));
    let direct_source = format!("{source} IN ('', '(direct)', 'direct')");
    rules.push((
        format!(
            "{domain} = '$direct' and empty({medium}) and {direct_source} and not({has_fbclid})"
        ),
        "Direct".to_owned(),
    ));
    rules.push((shop, "Organic Shopping".to_owned()));
    rules.extend(ORGANIC.map(|(list, name)| (among(list), name.to_owned())));
    rules.extend(
        MEDIA.iter().map(|(name, channel)| (format!("{medium} = '{name}'"), (*channel).to_owned())),
    );
    rules.push((format!("match({campaign}, 'video')"), "Organic Video".to_owned()));
    rules.push((format!("endsWith({medium}, 'push')"), "Push".to_owned()));
    rules.push((has_fbclid, "Organic Social".to_owned()));
    rules.push((format!("{domain} = '$direct'"), "Direct".to_owned()));
    rules.push((format!("not({is_direct})"), "Referral".to_owned()));
    let rules: Vec<String> =
        rules.into_iter().map(|(condition, name)| format!("{condition}, '{name}'")).collect();
    format!("multiIf({}, 'Unknown')", rules.join(", "))
}
