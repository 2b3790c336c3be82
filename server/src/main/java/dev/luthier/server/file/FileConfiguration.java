package dev.luthier.server.file;

import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.StorageHealth;
import java.time.Clock;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of uploaded files. */
@Configuration(proxyBeanMethods = false)
public class FileConfiguration {

    @Bean
    FileService fileService(Database database, DataDirectory directory, Clock clock) {
        FileService files = new FileService(database, directory, clock);
        files.recover();
        return files;
    }

    @Bean
    UploadService uploadService(Database database, DataDirectory directory, FileService files, Clock clock) {
        UploadService uploads = new UploadService(database, directory, files, clock);
        uploads.recover();
        return uploads;
    }

    @Bean
    Sweeper sweeper(FileService files, UploadService uploads, Database database, StorageHealth storage) {
        return new Sweeper(files, uploads, database, storage, Duration.ofMinutes(1));
    }
}
