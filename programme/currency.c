/* ISO 4217: which currencies there are, and how many decimals each has.
 *
 * The codes are those of the maintenance agency's List One of 2026-01-01 that
 * have a minor unit: metals (XAU), bond units and test codes are not what a
 * price is in. A code that ISO withdraws later stays in this table, because a
 * ledger that was kept in it must be readable for ever; new ones are added. */
#include "currency.h"

#include "json.h"

/* Two decimals unless listed below. In order of bytes. */
static const char *const codes[] = {
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD",
    "BIF", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF",
    "CHE", "CHF", "CHW", "CLP", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK",
    "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD",
    "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK",
    "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK",
    "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU",
    "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD",
    "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF",
    "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC",
    "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX",
    "USD", "USN", "UYI", "UYU", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAD", "XAF", "XCD",
    "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG"};
static const char *const without_decimals[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                               "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                                               "VND", "VUV", "XAF", "XOF", "XPF"};
static const char *const with_three[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
static const char *const with_four[] = {"CLF", "UYW"};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static bool listed(struct text code, const char *const list[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(code, text_of(list[i])))
            return true;
    return false;
}

enum currency_result currency_find(struct text code, unsigned *digits)
{
    if (listed(code, with_four, COUNT(with_four)))
        return CURRENCY_TOO_FINE;
    if (!listed(code, codes, COUNT(codes)))
        return CURRENCY_UNKNOWN;
    if (listed(code, without_decimals, COUNT(without_decimals)))
        *digits = 0;
    else if (listed(code, with_three, COUNT(with_three)))
        *digits = 3;
    else
        *digits = 2;
    return CURRENCY_OK;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The same letters, in any order: "GPB" is GBP, which by edit distance would be
 * as far away as twenty others. */
static bool is_anagram(const char wrong[3], const char *code)
{
    char left[3] = {wrong[0], wrong[1], wrong[2]};
    for (size_t i = 0; i < 3; i++) {
        char *found = memchr(left, code[i], sizeof left);
        if (found == NULL)
            return false;
        *found = '\0';
    }
    return true;
}

const char *currency_nearest(struct text wrong)
{
    if (wrong.length != 3)
        return nearest_name(wrong, codes, COUNT(codes));
    const char capitals[3] = {upper(wrong.bytes[0]), upper(wrong.bytes[1]), upper(wrong.bytes[2])};
    for (size_t i = 0; i < COUNT(codes); i++)
        if (memcmp(capitals, codes[i], 3) == 0)
            return codes[i];
    for (size_t i = 0; i < COUNT(codes); i++)
        if (is_anagram(capitals, codes[i]))
            return codes[i];
    return nearest_name((struct text){capitals, 3}, codes, COUNT(codes));
}
