#include "ui/theme/icons.h"

#include "ui/theme/theme.h"

#include <QFile>
#include <QGuiApplication>
#include <QPainter>
#include <QSvgRenderer>

namespace foreshard::ui {
namespace {

QByteArray coloured(const QString& name, const QColor& colour)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) return {};
    return file.readAll().replace("currentColor", colour.name().toLatin1());
}

void addPixmaps(QIcon& target, const QString& name, const QColor& colour, QIcon::Mode mode,
                QIcon::State state)
{
    QSvgRenderer renderer(coloured(name, colour));
    if (!renderer.isValid()) return;
    for (const int size : {16, 24, 32, 48}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        renderer.render(&painter);
        painter.end();
        target.addPixmap(pixmap, mode, state);
    }
}

}  // namespace

QIcon icon(const QString& name, const Theme& theme)
{
    const Tokens& t = theme.tokens();
    QIcon result;
    addPixmaps(result, name, t.textSoft, QIcon::Normal, QIcon::Off);
    addPixmaps(result, name, t.text, QIcon::Active, QIcon::Off);
    addPixmaps(result, name, t.accent, QIcon::Normal, QIcon::On);
    addPixmaps(result, name, t.textFaint, QIcon::Disabled, QIcon::Off);
    return result;
}

QIcon icon(const QString& name, const QColor& colour)
{
    QIcon result;
    addPixmaps(result, name, colour, QIcon::Normal, QIcon::Off);
    return result;
}

QIcon applicationIcon() { return QIcon(QStringLiteral(":/icons/foreshard.svg")); }

}  // namespace foreshard::ui
