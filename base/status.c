#include <duet/status.h>

const char *duet_status_text(enum duet_status status) {
    switch (status) {
#define STATUS_TEXT(name, value, text) \
    case name:                         \
        return text;
        DUET_STATUS_MAP(STATUS_TEXT)
#undef STATUS_TEXT
    }
    return "unknown status";
}
