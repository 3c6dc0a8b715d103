#include "engine/base/result.h"  // first: moc 6.4 cannot begin with <compare>, as ids.h does
#include "engine/predict/features.h"
#include "engine/predict/model_manifest.h"
#include "engine/predict/torch_forecaster.h"
#include "tests/engine/predict/predict_fakes.h"

#include <QTemporaryDir>
#include <QTest>

using namespace foreshard;

namespace {

ModelManifest manifestFor(BytesView model)
{
    ModelManifest manifest;
    manifest.name = "shard_predictor";
    manifest.sha256 = sha256Hex(model);
    manifest.columns = FeatureBuilder::columns();
    manifest.horizons.assign(kHorizonTicks.begin(), kHorizonTicks.end());
    manifest.goldenInput.resize(kFeatureCount);
    manifest.goldenOutput.resize(kOutputCount);
    return manifest;
}

}  // namespace

class ModelManifestTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sha256_ofKnownText_isTheKnownSum();
    void manifest_writtenAndRead_isTheSame();
    void parse_ofDamagedText_isRefused();
    void parse_ofOtherColumns_isUnsupported();
    void verify_ofDamagedModel_namesTheFile();
    void everyDamage_ofModelOrManifest_isRefusedByName_orChangesNothingThatCounts();
    void readModel_withoutManifest_saysSo();
    void readModel_withoutModel_namesTheModel();
    void readModel_whenAByteIsFlipped_isRefused();
    void manifestPath_keepsTheFolder();
};

void ModelManifestTest::sha256_ofKnownText_isTheKnownSum()
{
    // FIPS 180-2, appendix B.1.
    QCOMPARE(sha256Hex("abc"),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

void ModelManifestTest::manifest_writtenAndRead_isTheSame()
{
    const ModelManifest manifest = manifestFor("model");
    const auto read = parseManifest("x.json", manifestJson(manifest));
    QVERIFY2(read.ok(), read.ok() ? "" : read.error().message.c_str());
    QCOMPARE(read->title(), std::string("shard_predictor 1"));
    QCOMPARE(read->sha256, manifest.sha256);
    QCOMPARE(read->columns, manifest.columns);
    QCOMPARE(read->goldenInput, manifest.goldenInput);
}

void ModelManifestTest::parse_ofDamagedText_isRefused()
{
    const std::string good = manifestJson(manifestFor("model"));
    const std::string cut = good.substr(0, good.size() / 2);
    for (const std::string& text : {std::string(), std::string("{}"), std::string("[1]"), cut}) {
        const auto read = parseManifest("x.json", text);
        QVERIFY(!read.ok());
        QCOMPARE(read.error().code, Errc::kCorrupt);
        QVERIFY(read.error().message.find("x.json") == 0);
    }
}

void ModelManifestTest::parse_ofOtherColumns_isUnsupported()
{
    ModelManifest manifest = manifestFor("model");
    manifest.columns.pop_back();
    const auto read = parseManifest("x.json", manifestJson(manifest));
    QVERIFY(!read.ok());
    QCOMPARE(read.error().code, Errc::kUnsupported);
}

void ModelManifestTest::verify_ofDamagedModel_namesTheFile()
{
    const ModelManifest manifest = manifestFor("model");
    QVERIFY(verifyModelBytes(manifest, "m/x.pt", "model").ok());
    const Status status = verifyModelBytes(manifest, "m/x.pt", "modem");
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Errc::kCorrupt);
    QVERIFY(status.error().message.find("m/x.pt does not match its manifest (SHA-256 ") == 0);
}

void ModelManifestTest::everyDamage_ofModelOrManifest_isRefusedByName_orChangesNothingThatCounts()
{
    const Bytes model = "a small model, which is a program";
    const ModelManifest manifest = manifestFor(model);
    const auto forEachDamage = [](const Bytes& bytes, const auto& check) {
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            for (const int mask : {1 << (at % 8), 0xFF}) {
                Bytes changed = bytes;
                changed[at] = static_cast<char>(changed[at] ^ mask);
                check(changed);
            }
            check(bytes.substr(0, at));
        }
    };
    forEachDamage(model, [&](const Bytes& damaged) {
        const Status status = verifyModelBytes(manifest, "dir/x.pt", damaged);
        QVERIFY(!status.ok());
        QCOMPARE(status.error().code, Errc::kCorrupt);
        QVERIFY(status.error().message.find("dir/x.pt") != std::string::npos);
    });
    forEachDamage(manifestJson(manifest), [&](const Bytes& damaged) {
        const auto read = parseManifest("dir/x.json", damaged);
        if (!read.ok()) {
            QVERIFY(read.error().message.find("dir/x.json") != std::string::npos);
            return;
        }
        // What it takes and gives is the program's own; another sum refuses the model; the golden
        // numbers are compared with what the model answers.
        QCOMPARE(read->columns, manifest.columns);
        QCOMPARE(read->horizons, manifest.horizons);
        const bool sameSum = read->sha256 == manifest.sha256;
        QCOMPARE(verifyModelBytes(*read, "dir/x.pt", model).ok(), sameSum);
    });
}

void ModelManifestTest::readModel_withoutManifest_saysSo()
{
    QTemporaryDir folder;
    WholeFileDisk disk;
    const std::string path = folder.filePath(QStringLiteral("x.pt")).toStdString();
    QVERIFY(disk.writeWhole(path, "model").ok());
    const auto model = readModel(disk, path);
    QVERIFY(!model.ok());
    QCOMPARE(model.error().code, Errc::kNotFound);
    QVERIFY(model.error().message.find("manifest") != std::string::npos);
}

void ModelManifestTest::readModel_withoutModel_namesTheModel()
{
    WholeFileDisk disk;
    const auto model = readModel(disk, "nowhere/x.pt");
    QVERIFY(!model.ok());
    QCOMPARE(model.error().code, Errc::kNotFound);
    QVERIFY(model.error().message.find("x.pt") != std::string::npos);
    QVERIFY(model.error().message.find("x.json") == std::string::npos);
}

void ModelManifestTest::readModel_whenAByteIsFlipped_isRefused()
{
    QTemporaryDir folder;
    WholeFileDisk disk;
    const std::string path = folder.filePath(QStringLiteral("x.pt")).toStdString();
    QVERIFY(disk.writeWhole(path, "model").ok());
    QVERIFY(disk.writeWhole(manifestPathOf(path), manifestJson(manifestFor("model"))).ok());
    QVERIFY(readModel(disk, path).ok());
    QVERIFY(disk.writeWhole(path, "mOdel").ok());
    const auto damaged = readModel(disk, path);
    QVERIFY(!damaged.ok());
    QCOMPARE(damaged.error().code, Errc::kCorrupt);
}

void ModelManifestTest::manifestPath_keepsTheFolder()
{
    QCOMPARE(manifestPathOf("a.b/x.pt"), std::string("a.b/x.json"));
    QCOMPARE(manifestPathOf("a.b/x"), std::string("a.b/x.json"));
}

QTEST_GUILESS_MAIN(ModelManifestTest)
#include "tst_model_manifest.moc"
