#include "ussl/x509/description.hpp"

namespace ussl::x509 {

Serial serial_of(const Bytes& certificate) {
    der::Row outer(certificate);
    if (!outer.take(der::sequence)) return {};
    der::Row inner(outer.value);
    if (!inner.take(der::sequence)) return {};
    der::Row fields(inner.value);
    Serial serial{1, {}};
    std::uint8_t tag = fields.take();
    if (tag == der::context_constructed(0)) {
        der::Row version(fields.value);
        if (version.take(der::integer) && version.value.size() == 1)
            serial.version += version.value[0];
        tag = fields.take();
    }
    if (tag == der::integer) serial.number = fields.value;
    return serial;
}

NameReader::NameReader(const Bytes& name) : relative_names_(name) {
    relative_names_ =
        der::Row(relative_names_.take(der::sequence) ? relative_names_.value : Bytes{});
}

bool NameReader::next(NameAttribute& attribute) {
    attribute.starts_rdn = attributes_.at_end();
    if (attribute.starts_rdn) {
        if (!relative_names_.take(der::set)) return false;
        attributes_ = der::Row(relative_names_.value);
    }
    if (!attributes_.take(der::sequence)) return false;
    der::Row pair(attributes_.value);
    if (!pair.take(der::object_identifier)) return false;
    attribute.type = pair.value;
    attribute.tag = pair.take();
    attribute.value = pair.value;
    return attribute.tag != 0 && pair.at_end();
}

CalendarTime calendar_time(UnixTime time) {
    constexpr UnixTime day_length = 86400;
    UnixTime days = time / day_length;
    int seconds = static_cast<int>(time % day_length);
    if (seconds < 0) seconds += day_length, --days;
    // Days since 1 March of a year divisible by 400: so a leap day is the last day of its year.
    constexpr int days_of_era = 146097;
    days += 719468;
    UnixTime era = days / days_of_era;
    int day = static_cast<int>(days % days_of_era);
    if (day < 0) day += days_of_era, --era;
    const int year = (day - day / 1460 + day / 36524 - day / (days_of_era - 1)) / 365;
    day -= 365 * year + year / 4 - year / 100;
    const int month = (5 * day + 2) / 153; // from March
    CalendarTime result{};
    result.year = static_cast<int>(era) * 400 + year + (month < 10 ? 0 : 1);
    result.month = static_cast<std::uint8_t>(month < 10 ? month + 3 : month - 9);
    result.day = static_cast<std::uint8_t>(day - (153 * month + 2) / 5 + 1);
    result.hour = static_cast<std::uint8_t>(seconds / 3600);
    result.minute = static_cast<std::uint8_t>(seconds / 60 % 60);
    result.second = static_cast<std::uint8_t>(seconds % 60);
    return result;
}

} // namespace ussl::x509
