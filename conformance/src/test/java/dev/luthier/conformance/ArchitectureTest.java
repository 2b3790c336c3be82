package dev.luthier.conformance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows: server, engine and cli see core and never each other; nothing sees the lab; no circles between packages. */
final class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.luthier");

    @Test
    void coreSeesNoOtherModule() {
        noClasses().that().resideInAPackage("dev.luthier.core..").should().dependOnClassesThat()
                .resideInAnyPackage("dev.luthier.engine..", "dev.luthier.server..", "dev.luthier.cli..").check(CLASSES);
    }

    @Test
    void engineServerAndCliNeverSeeEachOther() {
        noClasses().that().resideInAPackage("dev.luthier.engine..").should().dependOnClassesThat()
                .resideInAnyPackage("dev.luthier.server..", "dev.luthier.cli..").check(CLASSES);
        noClasses().that().resideInAPackage("dev.luthier.server..").should().dependOnClassesThat()
                .resideInAnyPackage("dev.luthier.engine..", "dev.luthier.cli..").check(CLASSES);
        noClasses().that().resideInAPackage("dev.luthier.cli..").should().dependOnClassesThat()
                .resideInAnyPackage("dev.luthier.engine..", "dev.luthier.server..").check(CLASSES);
    }

    @Test
    void nothingSeesTheLabAndTheLabSeesOnlyEngineAndCore() {
        noClasses().that().resideOutsideOfPackage("dev.luthier.lab..").should().dependOnClassesThat()
                .resideInAPackage("dev.luthier.lab..").check(CLASSES);
        noClasses().that().resideInAPackage("dev.luthier.lab..").should().dependOnClassesThat()
                .resideInAnyPackage("dev.luthier.server..", "dev.luthier.cli..").check(CLASSES);
    }

    @Test
    void libtorchStaysInTheEngineWithItsLabAndSpringInTheServer() {
        noClasses().that().resideOutsideOfPackages("dev.luthier.engine..", "dev.luthier.lab..").should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..").check(CLASSES);
        noClasses().that().resideOutsideOfPackage("dev.luthier.server..").should().dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "java.sql..").check(CLASSES);
    }

    @Test
    void jacksonTwoIsUsedForItsAnnotationsOnly() {
        noClasses().should().dependOnClassesThat()
                .resideInAnyPackage("com.fasterxml.jackson.core..", "com.fasterxml.jackson.databind..").check(CLASSES);
    }

    @Test
    void packagesFormNoCircles() {
        slices().matching("dev.luthier.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void utilitiesHaveRealNames() {
        classes().should().resideOutsideOfPackages("..util..", "..common..", "..manager..").check(CLASSES);
    }
}
