#include "engine/model/load.h"

namespace foreshard {

const char* loadClassName(LoadClass loadClass)
{
    switch (loadClass) {
        case LoadClass::kLow:
            return "low";
        case LoadClass::kMedium:
            return "medium";
        case LoadClass::kHigh:
            return "high";
    }
    return "unknown";
}

}  // namespace foreshard
