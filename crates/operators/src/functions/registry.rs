//! Second-level domains under which names are registered, as far as they are common: `co.uk`, `com.au`, `github.io`.

/// Second label, and the top-level domains below which it is a registry of its own.
static REGISTRIES: &[(&str, &str)] = &[
    (
        "ac",
        "ae at be ci cn cr cy fj gn id il im in ir jp ke kr lk ls ma me mu mw mz ni nz pa pr rs ru rw se sz th tj \
         tz ug uk vn za zm zw",
    ),
    ("act", "au"),
    ("ad", "jp"),
    ("adv", "br mz"),
    ("appspot", "com"),
    ("art", "br do dz ht pl sn"),
    ("asn", "au lv"),
    ("asso", "ci dz fr gp ht km mc nc re"),
    ("av", "it tr"),
    ("azurewebsites", "net"),
    ("bbs", "tr"),
    ("bel", "tr"),
    ("biz", "at az bb cy dk et fj gl id in ki ls mv mw my ni nr pk pl pr ss tj tr tt ua vn wf zm"),
    ("blog", "bo br gt kg vu"),
    ("blogspot", "com"),
    ("br", "com"),
    ("cloudapp", "net"),
    ("cloudfront", "net"),
    ("club", "tw"),
    ("cn", "com"),
    (
        "co",
        "ae ag am ao at bb bi bj bn bw ca ci cl cm com cr cz dk gg gl gy hu id il im in ir it je jp ke kr lc ls \
         ma me mg mu mw mz na ni nl no nz om pl pn pw ro rs rw st sz th tj tm tt tz ua ug uk us uz ve vi za zm zw",
    ),
    (
        "com",
        "ac af ag ai al am ar au aw az ba bb bh bi bj bm bn bo br bs bt by bz ci cm cn co cu cv cw cy de dm do dz \
         ec ee eg es et fj fm fr ge gh gi gl gn gp gr gt gu gy hk hn hr ht im in io iq is jo kg ki km kp kw ky kz \
         la lb lc lk lr lv ly mg mk ml mo ms mt mu mv mw mx my na nf ng ni nr om pa pe pf ph pk pl pr ps pt py qa \
         re ro ru sa sb sc sd se sg sh sl sn so ss st sv sy tj tm tn to tr tt tw ua ug uy uz vc ve vi vn vu ws ye \
         zm",
    ),
    ("conf", "au lv se"),
    ("coop", "ar br ht in km mv mw py rw tt"),
    ("cri", "br nz"),
    ("de", "com"),
    ("dr", "in na tr"),
    ("ebiz", "tw"),
    ("ed", "ao ci cr jp pw"),
    (
        "edu",
        "ac af al ar au az ba bb bh bi bj bm bn bo br bs bt bz ci cn co cu cv cw dm do dz ec ee eg es et fm gd ge \
         gh gi gl gn gp gr gt gu gy hk hn ht in iq is it jo kg ki km kn kp kw ky kz la lb lc lk lr ls lv ly me mg \
         mk ml mn mo ms mt mv mw mx my mz ng ni nr om pa pe pf ph pk pl pn pr ps pt py qa rs ru sa sb sc sd sg sl \
         sn so ss st sv sy tj tm to tr tt tw ua uy vc ve vn vu ws ye za zm",
    ),
    ("elasticbeanstalk", "com"),
    ("eng", "br"),
    ("eti", "br"),
    ("eu", "com org"),
    ("fin", "ci ec tn"),
    ("firebaseapp", "com"),
    ("firm", "co dk ht in nf ng ro ve"),
    ("fly", "dev"),
    ("g12", "br"),
    ("game", "tw"),
    ("gb", "net"),
    ("geek", "nz"),
    ("gen", "in ng nz tr"),
    ("github", "io"),
    ("gitlab", "io"),
    ("glitch", "me"),
    ("go", "ci cr id it jp ke kr pw th tj tz ug"),
    ("gob", "ar bo cl do ec es gt hn mx ni pa pe pk sv ve"),
    ("gok", "pk"),
    ("gouv", "ci fr ht km ml sn"),
    (
        "gov",
        "ac ae af al ar as au az ba bb bf bh bm bn br bs bt by bz cd cl cm cn co cu cx cy dm do dz ec ee eg et fj \
         gd ge gh gi gn gr gu gy hk ie il in iq ir is it jo kg ki km kn kp kw kz la lb lc lk lr ls lt lv ly ma me \
         mg mk ml mn mo mr ms mu mv mw my mz ng nl nr om ph pk pl pn pr ps pt py qa rs ru rw sa sb sc sd sg sh sl \
         so ss sx sy tj tl tm tn to tr tt tw ua uk vc ve vn ws ye za zm zw",
    ),
    ("govt", "nz"),
    ("gr", "com it jp"),
    ("gub", "uy"),
    ("gx", "cn"),
    ("health", "nz vn"),
    ("herokuapp", "com"),
    ("hotel", "hu lk tz"),
    ("hs", "kr"),
    ("hu", "net"),
    ("id", "au ir lv ly us vn"),
    ("idv", "hk tw"),
    ("in", "na ni rs th ua us"),
    ("ind", "br gt in kw tn"),
    (
        "info",
        "at au az bb bj bo co cx ec et fj gu ht hu in ke ki la ls mv na nf ni nr pk pl pr ro sd tn tr tt tz ve vn \
         zm",
    ),
    ("int", "ar az bo ci co cv in is la lk mv mw ni pt ru tj tt ve vn"),
    ("iwi", "nz"),
    ("jp", "net"),
    ("jpn", "com"),
    ("k12", "ec il tr vi"),
    ("kep", "tr"),
    ("kharkov", "ua"),
    ("kiev", "ua"),
    ("kiwi", "nz"),
    ("kyiv", "ua"),
    ("kyoto", "jp"),
    ("lg", "jp ua"),
    ("ltd", "cy gi hk lk ng ua uk"),
    ("lviv", "ua"),
    ("maori", "nz"),
    ("me", "in it ke so ss tc tz uk us vu"),
    ("med", "br ec ee ht ly om pa pl sa sd"),
    (
        "mil",
        "ac ae al ar az ba bo br by cl cn co cy do ec eg fj ge gh gt hn id in iq jo kg km kr kz lv mg mv my mz ng \
         ni no nz pe ph pl py qa ru rw sh st sy tj tm to tr tw tz uy vc ve ye za zm zw",
    ),
    ("mod", "gi"),
    ("msk", "ru"),
    ("myshopify", "com"),
    ("name", "az eg et fj hr jo mk mv my na ng pm pr qa tj tr tt vn"),
    ("ne", "jp ke kr pw tz ug us"),
    (
        "net",
        "ac ae af ag ai al am ar au az ba bb bh bj bm bn bo br bs bt bz ci cm cn co cu cw cy dm do dz ec eg et fj \
         fm ge gg gl gn gp gr gt gu gy hk hn ht id il im in iq ir is je jo kg ki kn kw ky kz la lb lc lk lr ls lv \
         ly ma me mk ml mo ms mt mu mv mw mx my mz nf ng ni nr nz om pa pe ph pk pl pn pr ps pt py qa ru rw sa sb \
         sc sd sg sh sl so ss st sy th tj tm tn to tr tt tw ua uk uy uz vc ve vi vn vu ws ye za zm",
    ),
    ("netlify", "app"),
    ("ngrok", "io"),
    ("nhs", "uk"),
    ("nic", "in tj za"),
    ("nom", "ad ag co es fr km mg nc ni pa pe pl re ro tm ve za"),
    ("now", "sh"),
    ("nsw", "au"),
    ("nt", "au ca no ro"),
    ("odessa", "ua"),
    ("onrender", "com"),
    ("or", "at bi ci cr id it jp ke kr mu na pw th tz ug us"),
    (
        "org",
        "ac ae af ag ai al am ar au az ba bb bh bi bj bm bn bo br bs bt bw bz ci cn co cu cv cw cy dm do dz ec ee \
         eg es et fj fm ge gg gh gi gl gn gp gr gt gu gy hk hn ht hu il im in iq ir is je jo kg ki km kn kp kw ky \
         kz la lb lc lk lr ls lv ly ma me mg mk ml mn mo ms mt mu mv mw mx my mz na ng ni nr nz om pa pe pf ph pk \
         pl pn pr ps pt py qa ro rs ru rw sa sb sc sd se sg sh sl sn so ss st sv sy sz tj tm tn to tr tt tw ua ug \
         uk uy uz vc ve vi vn vu ws ye yt za zm zw",
    ),
    ("osaka", "jp"),
    ("oz", "au"),
    ("pages", "dev"),
    ("parliament", "nz"),
    ("pe", "ca it kr"),
    ("plc", "ly uk"),
    ("pol", "dz ht tr"),
    ("police", "uk"),
    ("port", "fr"),
    ("prd", "fr km mg"),
    ("presse", "ci km ml"),
    ("pro", "az br cy ec fj ht in mv na om pr tt vn"),
    ("qld", "au"),
    ("re", "it kr"),
    ("readthedocs", "io"),
    ("repl", "co"),
    ("res", "in"),
    ("ru", "com"),
    ("run", "app"),
    ("sa", "au com cr it"),
    ("sch", "ae id ir jo lk ly ng qa sa so ss tf wf zm"),
    ("school", "na nz za"),
    ("se", "net"),
    ("sh", "cn"),
    ("spb", "ru"),
    ("tas", "au"),
    ("tel", "tr"),
    ("tm", "cy dz fr hu km mc mg no pl ro se za"),
    ("tokyo", "jp"),
    ("translate", "goog"),
    ("tsk", "tr"),
    ("tv", "bb bo br im in it kg na sd tr tz"),
    ("uk", "com net"),
    ("us", "com org"),
    ("vercel", "app"),
    ("veterinaire", "fr km"),
    ("vic", "au"),
    ("wa", "au us"),
    ("web", "app bo co do gu id in lk nf ni pk tj tr ve za"),
    ("wixsite", "com"),
    ("workers", "dev"),
    ("za", "com"),
];

/// Whether names are registered below `second.top`.
pub(super) fn is_registry(second: &str, top: &str) -> bool {
    let found = REGISTRIES.binary_search_by(|(known, _)| (*known).cmp(second));
    let tops = found.ok().and_then(|index| REGISTRIES.get(index)).map_or("", |(_, tops)| tops);
    tops.split(' ').any(|known| known == top)
}

#[cfg(test)]
mod tests {
    use super::{REGISTRIES, is_registry};

    #[test]
    fn is_sorted() {
        assert!(REGISTRIES.is_sorted_by(|left, right| left.0 < right.0));
    }

    #[test]
    fn knows_common_registries() {
        assert!(is_registry("co", "uk") && is_registry("com", "au") && is_registry("github", "io"));
        assert!(
            !is_registry("example", "com")
                && !is_registry("com", "com")
                && !is_registry("Co", "uk")
        );
    }
}
