//! Members of events that repeat word for word: devices, places and campaigns.

/// Members of events that repeat, as JSON text.
#[derive(Debug)]
pub(super) struct Fragments {
    /// Of each device: its members and its weight.
    pub(super) devices: Vec<(String, u32)>,
    /// Of each place: geography, zone and language of the browser, weight.
    pub(super) places: Vec<(String, String, u32)>,
    /// Of each channel: referrer and campaign members.
    pub(super) channels: Vec<String>,
    /// Of each channel: the members of a person's first visit.
    pub(super) initial: Vec<String>,
    /// Of each device: the members of a person.
    pub(super) device_of_person: Vec<String>,
    /// Of each place: the members of a person.
    pub(super) place_of_person: Vec<String>,
}

/// The members of all devices, places and channels.
pub(super) fn fragments(compact: bool) -> Fragments {
    Fragments {
        devices: DEVICES.iter().map(|device| (device_members(device, compact), device.7)).collect(),
        places: PLACES.iter().map(|place| (geography(place, compact), surroundings(place), place.7)).collect(),
        channels: CHANNELS.iter().map(|channel| campaign(channel, compact)).collect(),
        initial: CHANNELS.iter().map(initial).collect(),
        device_of_person: DEVICES.iter().map(|d| format!(r#""$browser":"{}","$os":"{}""#, d.0, d.2)).collect(),
        place_of_person: PLACES
            .iter()
            .map(|p| format!(r#""$geoip_country_code":"{}","$geoip_country_name":"{}","$geoip_city_name":"{}""#, p.0, p.1, p.3))
            .collect(),
    }
}

fn device_members(device: &Device, compact: bool) -> String {
    let (browser, version, system, system_version, kind, (width, height), agent, _) = device;
    let short = format!(
        r#""$os":"{system}","$browser":"{browser}","$browser_version":{version},"$device_type":"{kind}","$screen_width":{width}"#
    );
    if compact {
        return short;
    }
    let system_version = if system_version.is_empty() {
        "null".to_owned()
    } else {
        format!(r#""{system_version}""#)
    };
    format!(
        r#"{short},"$os_version":{system_version},"$raw_user_agent":"{agent}","$screen_height":{height}"#
    )
}

fn geography(place: &Place, compact: bool) -> String {
    let (country, country_name, region, city, continent, ..) = place;
    let short = format!(
        r#""$geoip_country_code":"{country}","$geoip_country_name":"{country_name}","$geoip_city_name":"{city}""#
    );
    if compact {
        return short;
    }
    format!(
        r#"{short},"$geoip_subdivision_1_name":"{region}","$geoip_continent_code":"{continent}""#
    )
}

fn surroundings(place: &Place) -> String {
    format!(r#""$browser_language":"{}","$timezone":"{}""#, place.6, place.5)
}

fn campaign(channel: &Channel, compact: bool) -> String {
    let (referrer, domain, members, _) = channel;
    let mut text = format!(r#""$referrer":"{referrer}","$referring_domain":"{domain}""#);
    for key in CAMPAIGN_KEYS {
        match members.iter().find(|(name, _)| *name == key) {
            Some((_, value)) => text.push_str(&format!(r#","{key}":"{value}""#)),
            None if !compact || key == "utm_source" => text.push_str(&format!(r#","{key}":null"#)),
            None => {}
        }
    }
    text
}

fn initial(channel: &Channel) -> String {
    let (_, domain, members, _) = channel;
    let mut text = format!(r#""$initial_referring_domain":"{domain}""#);
    for (key, value) in members.iter().filter(|(key, _)| key.starts_with("utm_")) {
        text.push_str(&format!(r#","$initial_{key}":"{value}""#));
    }
    text
}

/// A browser on a device: browser, version, system, version of it, kind, screen, user agent, weight.
type Device =
    (&'static str, u32, &'static str, &'static str, &'static str, (u32, u32), &'static str, u32);

const DEVICES: [Device; 12] = [
    (
        "Chrome",
        142,
        "Windows",
        "10.0",
        "Desktop",
        (1920, 1080),
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        26,
    ),
    (
        "Chrome",
        141,
        "Windows",
        "10.0",
        "Desktop",
        (1536, 864),
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        12,
    ),
    (
        "Chrome",
        142,
        "Mac OS X",
        "10.15.7",
        "Desktop",
        (1728, 1117),
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        14,
    ),
    (
        "Safari",
        26,
        "Mac OS X",
        "10.15.7",
        "Desktop",
        (1512, 982),
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
        8,
    ),
    (
        "Mobile Safari",
        26,
        "iOS",
        "18.6",
        "Mobile",
        (393, 852),
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
        13,
    ),
    (
        "Mobile Safari",
        18,
        "iOS",
        "18.5",
        "Mobile",
        (390, 844),
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        6,
    ),
    (
        "Chrome",
        142,
        "Android",
        "10",
        "Mobile",
        (412, 915),
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
        9,
    ),
    (
        "Samsung Internet",
        28,
        "Android",
        "10",
        "Mobile",
        (384, 854),
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        2,
    ),
    (
        "Firefox",
        145,
        "Windows",
        "10.0",
        "Desktop",
        (1920, 1200),
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
        4,
    ),
    (
        "Firefox",
        145,
        "Linux",
        "",
        "Desktop",
        (2560, 1440),
        "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        2,
    ),
    (
        "Microsoft Edge",
        142,
        "Windows",
        "10.0",
        "Desktop",
        (1920, 1080),
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        6,
    ),
    (
        "Mobile Safari",
        26,
        "iOS",
        "18.6",
        "Tablet",
        (820, 1180),
        "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
        2,
    ),
];

/// A city: country, its name, region, city, continent, zone, language, weight.
type Place = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    u32,
);

const PLACES: [Place; 18] = [
    (
        "US",
        "United States",
        "California",
        "San Francisco",
        "NA",
        "America/Los_Angeles",
        "en-US",
        14,
    ),
    ("US", "United States", "New York", "New York", "NA", "America/New_York", "en-US", 14),
    ("US", "United States", "Texas", "Austin", "NA", "America/Chicago", "en-US", 8),
    ("GB", "United Kingdom", "England", "London", "EU", "Europe/London", "en-GB", 10),
    ("DE", "Germany", "Bavaria", "München", "EU", "Europe/Berlin", "de-DE", 7),
    ("DE", "Germany", "Land Berlin", "Berlin", "EU", "Europe/Berlin", "de-DE", 6),
    ("FR", "France", "Île-de-France", "Paris", "EU", "Europe/Paris", "fr-FR", 7),
    ("CH", "Switzerland", "Zurich", "Zürich", "EU", "Europe/Zurich", "de-CH", 2),
    ("NL", "Netherlands", "North Holland", "Amsterdam", "EU", "Europe/Amsterdam", "nl-NL", 4),
    ("PL", "Poland", "Lesser Poland", "Kraków", "EU", "Europe/Warsaw", "pl-PL", 3),
    ("SE", "Sweden", "Västra Götaland County", "Göteborg", "EU", "Europe/Stockholm", "sv-SE", 2),
    ("BR", "Brazil", "São Paulo", "São Paulo", "SA", "America/Sao_Paulo", "pt-BR", 6),
    ("IN", "India", "Karnataka", "Bengaluru", "AS", "Asia/Kolkata", "en-IN", 8),
    ("JP", "Japan", "Tokyo", "東京", "AS", "Asia/Tokyo", "ja-JP", 4),
    ("AU", "Australia", "New South Wales", "Sydney", "OC", "Australia/Sydney", "en-AU", 3),
    ("CA", "Canada", "Quebec", "Montréal", "NA", "America/Toronto", "fr-CA", 3),
    ("KE", "Kenya", "Nairobi County", "Nairobi", "AF", "Africa/Nairobi", "en-KE", 1),
    ("NP", "Nepal", "Bagmati Province", "Kathmandu", "AS", "Asia/Kathmandu", "ne-NP", 1),
];

/// Where visitors come from: referrer, its domain, campaign members (`utm_*` and click ids that are not null), weight.
pub(super) type Channel =
    (&'static str, &'static str, &'static [(&'static str, &'static str)], u32);

/// The channels; the first is a direct visit.
pub(super) const CHANNELS: [Channel; 8] = [
    ("$direct", "$direct", &[], 40),
    ("https://www.google.com/", "www.google.com", &[], 24),
    (
        "https://www.google.com/",
        "www.google.com",
        &[
            ("utm_source", "google"),
            ("utm_medium", "cpc"),
            ("utm_campaign", "brand_2025"),
            ("utm_term", "team notes"),
            ("gclid", "Cj0KCQiA5vb8BRCRARIsAJBKc6"),
        ],
        10,
    ),
    ("https://news.ycombinator.com/", "news.ycombinator.com", &[], 6),
    (
        "https://www.linkedin.com/",
        "www.linkedin.com",
        &[
            ("utm_source", "linkedin"),
            ("utm_medium", "paid_social"),
            ("utm_campaign", "Q4 \\\"launch\\\""),
            ("li_fat_id", "3f6c1c4e"),
        ],
        6,
    ),
    ("https://t.co/", "t.co", &[("utm_source", "twitter"), ("utm_medium", "social")], 5),
    (
        "$direct",
        "$direct",
        &[
            ("utm_source", "newsletter"),
            ("utm_medium", "email"),
            ("utm_campaign", "été-2025"),
            ("utm_content", "header"),
        ],
        6,
    ),
    ("https://duckduckgo.com/", "duckduckgo.com", &[], 3),
];

/// Campaign keys that browsers send, null when absent.
const CAMPAIGN_KEYS: [&str; 9] = [
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "gclid",
    "fbclid",
    "msclkid",
    "li_fat_id",
];
